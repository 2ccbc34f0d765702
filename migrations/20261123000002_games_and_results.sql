CREATE TABLE games (
    id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    base_game_id varchar(50) NOT NULL UNIQUE,
    game_name    varchar(255) NOT NULL,
    country_code varchar(10),
    is_active    boolean NOT NULL DEFAULT true,
    created_at   timestamptz NOT NULL DEFAULT now()
);

-- One draw of one game. The natural key is the only one: a bulk load pays for every index.
-- The full game code (L03-01-000500-20250622) is the game's id and the date; it is not stored a second time.
CREATE TABLE results (
    game_id      integer NOT NULL REFERENCES games,
    result_date  date NOT NULL,
    result_3up   varchar(20),
    result_2down varchar(20),
    result_4up   varchar(20),
    status       varchar(20) NOT NULL CHECK (status IN ('waiting', 'cancelled', 'completed', 'no_result')),
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (game_id, result_date)
);
