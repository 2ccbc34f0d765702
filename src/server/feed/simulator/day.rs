//! One made-up day of the feed. A date always gives the same day.

use chrono::{Datelike, NaiveDate};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::{
    chance::Chance,
    names::{GAMES, Game},
};
use crate::model::game::full_game_code;

/// The sections in the feed's order. The last repeats what stands in [`REPEATED`].
const SECTIONS: [&str; 9] = [
    "set",
    "settrade",
    "settradeInt",
    "settrandNoInt",
    "settradeVIP",
    "settradeVISA",
    "settradeVI",
    "settradeHIT",
    "newSettrade",
];
const REPEATED: [&str; 4] = ["settradeInt", "settradeVIP", "settradeVISA", "settradeVI"];

/// When the day is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// While it runs: some draws are still waiting for their result.
    During,
    /// Afterwards: what was waiting has a result, and the rest is as before.
    Afterwards,
}

/// The feed's answer about one day. Serialised, its members keep the feed's order.
#[derive(Debug, Clone, PartialEq)]
pub struct Day(Vec<(&'static str, Value)>);

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, section)| (name, section)))
    }
}

/// Makes the answer about a date up.
#[must_use]
pub fn day(date: NaiveDate, moment: Moment) -> Day {
    let listed = |name| -> Vec<Value> {
        GAMES
            .iter()
            .filter(|game| {
                game.section == name || (name == "newSettrade" && REPEATED.contains(&game.section))
            })
            .filter_map(|game| item(game, date, moment))
            .collect()
    };
    let mut sections: Vec<_> = SECTIONS
        .into_iter()
        .map(|name| {
            let date = date.format("%d-%b-%Y").to_string();
            (name, json!({ "lists": listed(name), "DATE_GAME": date }))
        })
        .collect();
    // The real feed, too, has a member that is no section and an item that is no draw.
    sections.push(("status", json!("success")));
    if let Some(lists) = sections[0].1["lists"].as_array_mut() {
        lists.push(json!({ "GAME_NAME": "ประกาศ: ผลอย่างไม่เป็นทางการ" }));
    }
    Day(sections)
}

/// A game's draw on a date, if it has one.
fn item(game: &Game, date: NaiveDate, moment: Moment) -> Option<Value> {
    let day = u64::from(date.num_days_from_ce().unsigned_abs());
    let id = game.id.bytes().map(u64::from);
    let mut chance = Chance::new(&id.chain([day]).collect::<Vec<_>>());
    if chance.below(24) == 0 {
        return None;
    }
    let mut item = json!({
        "GAME_CODE": full_game_code(game.id, date),
        "GAME_NAME": game.name,
    });
    if let Some(country) = game.country {
        item["COUNTRY_CODE"] = json!(country);
    }
    let [up3, down2, up4] = results(&mut chance, moment);
    item["RESULT_3UP"] = up3;
    item["RESULT_2DOWN"] = down2;
    // Few games have a fourth digit, and most of the others do not even name it.
    if up4 != Value::Null || chance.below(4) == 0 {
        item["RESULT_4UP"] = up4;
    }
    Some(item)
}

fn results(chance: &mut Chance, moment: Moment) -> [Value; 3] {
    let outcome = chance.below(40);
    let up4 = match chance.below(3) {
        0 => json!(chance.digits(4)),
        1 => json!(""),
        _ => Value::Null,
    };
    let digits = [json!(chance.digits(3)), json!(chance.digits(2)), up4];
    match outcome {
        0..=3 if moment == Moment::During => [json!("รอผล"), json!("รอผล"), Value::Null],
        4 | 5 => [json!("ยกเลิก"), json!("ยกเลิก"), json!("")],
        6 => [Value::Null, json!(""), Value::Null],
        _ => digits,
    }
}
