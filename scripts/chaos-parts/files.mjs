// The backups that clients upload. What a file holds follows from its number and the seed alone, so that it can be
// made again instead of being kept, and every one of its results can be looked for in the database.
import { chance, day, hash, pad } from "./tools.mjs";

/** All files so far. */
export const files = [];
/** Games that many files hold, so that imports get in each other's way; some files hold other digits than the rest. */
const SHARED_GAMES = 12;
const SHARED_DAYS = 15;
export const SHARED_RESULTS = SHARED_GAMES * SHARED_DAYS;
const SHARED = 1000;

export const isSound = (file) => file.kind === "sound" || file.kind === "flawed";

export function newFile(dice, sort) {
  const kind = sort?.kind ?? dice.weighted([
    [68, "sound"], [14, "flawed"], [7, "all rejected"], [7, "truncated"], [4, "web page"],
  ]);
  const results = sort?.results ?? dice.weighted([
    [55, dice.whole(200, 2000)], [35, dice.whole(2000, 10_000)], [10, dice.whole(20_000, 50_000)],
  ]);
  const file = { name: `F${pad(files.length, 4)}`, kind, results, games: dice.whole(10, 24), uploads: 0 };
  file.shared = isSound(file) && dice.often(0.5);
  file.differs = file.shared && dice.often(0.3);
  files.push(file);
  return file;
}

const FIRST_DAY = "1990-01-01";

function drawsOf(file, dice) {
  const draws = [];
  for (let nth = 0; nth < file.results; nth += 1) {
    const digits = dice.whole(0, 999_999_999);
    draws.push({
      game: nth % file.games,
      date: day(Math.floor(nth / file.games), FIRST_DAY),
      up3: pad(digits % 1000, 3),
      down2: pad(Math.floor(digits / 1000) % 100, 2),
      up4: digits % 3 === 0 ? pad(Math.floor(digits / 100_000), 4) : null,
      status: "completed",
    });
  }
  for (let nth = 0; file.shared && nth < SHARED_RESULTS; nth += 1) {
    const [game, date] = [SHARED + (nth % SHARED_GAMES), day(Math.floor(nth / SHARED_GAMES), FIRST_DAY)];
    draws.push({ game, date, up3: pad(nth, 3), down2: file.differs ? "08" : "07", up4: null, status: "completed" });
  }
  return draws;
}

const gameId = (file, game) => (game < SHARED ? `${file.name}-${pad(game, 2)}` : `SHARE-${pad(game - SHARED, 2)}`);

function gamesOf(file) {
  const own = Array.from({ length: file.games }, (_, game) => game);
  const shared = Array.from({ length: file.shared ? SHARED_GAMES : 0 }, (_, game) => SHARED + game);
  return [...own, ...shared];
}

/** The id of a game within a file is not its number, so that nobody takes one for the other. */
const gameRecord = (id, game) =>
  `{"id":${game + 17},"base_game_id":"${id}","game_name":"ดาวโจนส์ ${game}","is_active":true}`;

const resultRecord = ({ game, date, up3, down2, up4, status }) =>
  `{"game_id":${game + 17},"result_date":"${date}","result_3up":${JSON.stringify(up3)},"result_2down":"${down2}",` +
  `"result_4up":${JSON.stringify(up4)},"status":"${status}"}`;

const DAMAGES = [
  (draw) => resultRecord({ ...draw, date: "2025-02-30" }),
  (draw) => resultRecord({ ...draw, up3: 282 }),
  (draw) => resultRecord({ ...draw, game: 999_999 }),
];

/** The records of the results, in a flawed file with some that are rejects and some that repeat another. */
function recordsOf(file, draws, dice) {
  if (file.kind === "all rejected") {
    return { records: draws.map((draw) => dice.one(DAMAGES)(draw)), rejected: draws.length, duplicates: 0 };
  }
  const found = { records: draws.map(resultRecord), rejected: 0, duplicates: 0 };
  for (let nth = file.kind === "flawed" ? dice.whole(1, 40) : 0; nth > 0; nth -= 1) {
    const draw = dice.one(draws);
    const repeats = dice.often(0.4);
    found.records.push(repeats ? resultRecord({ ...draw, up3: "000" }) : dice.one(DAMAGES)(draw));
    found[repeats ? "duplicates" : "rejected"] += 1;
  }
  return found;
}

/** The bytes of a file; the first time, what is in it is noted on it. */
export function bytesOf(file) {
  const dice = chance(`file ${file.name}`);
  if (file.kind === "web page") {
    return noted(file, Buffer.from(`<!doctype html><title>502 Bad Gateway</title><p>${file.name}`), {});
  }
  const draws = drawsOf(file, dice);
  const { records, rejected, duplicates } = recordsOf(file, draws, dice);
  // A file of which no result is good brings nothing, however good its games are.
  const games = gamesOf(file).map((game) => gameRecord(gameId(file, game), game));
  const parts = [`"games":[${games.join(",\n")}]`, `"results":[${records.join(",\n")}]`];
  if (dice.often(0.2)) parts.reverse();
  const whole = Buffer.from(`{"version":"1.0",${parts.join(",\n")}}`);
  const length = file.kind === "truncated" ? Math.floor(whole.length * dice.between(0.3, 0.99)) : whole.length;
  return noted(file, whole.subarray(0, length), {
    draws: draws.length,
    records: games.length + records.length,
    rejected,
    duplicates,
    digest: digestOf(file, draws),
  });
}

function noted(file, bytes, facts) {
  if (file.sha256 === undefined) Object.assign(file, facts, { size: bytes.length, sha256: hash("sha256", bytes) });
  return bytes;
}

/** A result as one line of text; SQL's side of this stands in checks.mjs. */
export const lineOf = (id, { date, up3, down2, up4, status }) =>
  [id, date, up3 ?? "", down2 ?? "", up4 ?? "", status].join("|");

export const digest = (lines) => hash("md5", lines.sort().join("\n"));

/** What the file's own results come to, those of shared games left out. */
const digestOf = (file, draws) =>
  digest(draws.filter((draw) => draw.game < SHARED).map((draw) => lineOf(gameId(file, draw.game), draw)));
