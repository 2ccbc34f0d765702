//! A month of the coverage: games down, days across, each cell what there is.

use chrono::{Datelike as _, NaiveDate, Weekday};
use leptos::prelude::*;

use super::{calendar, markup::Markup};
use crate::model::{
    coverage::{Asked, Coverage, Day, Row, State},
    game::ResultStatus,
    volume::in_words,
};

/// How a state is shown: the class of its cell, which style/coverage.css gives a colour and a sign, and a word for those who see
/// neither.
#[must_use]
pub const fn look(state: State) -> (&'static str, &'static str) {
    match state {
        State::Stored(ResultStatus::Completed) => ("c", "completed"),
        State::Stored(ResultStatus::Waiting) => ("w", "waiting"),
        State::Stored(ResultStatus::Cancelled) => ("x", "cancelled"),
        State::Stored(ResultStatus::NoResult) => ("n", "no result"),
        State::Missing => ("m", "missing"),
        State::NotAsked => ("k", "missing, not asked for"),
        State::Due => ("d", "still to come"),
        State::Nothing => ("", ""),
    }
}

/// The same of asking for a day.
const fn look_of_asking(asked: Asked) -> (&'static str, &'static str) {
    match asked {
        Asked::Answered => ("c", "asked for"),
        Asked::Failed => ("m", "failed"),
        Asked::Never => ("k", "not asked for"),
        Asked::Now => ("w", "being asked for"),
        Asked::TakenBack => ("k", "taken back"),
    }
}

/// The table.
#[must_use]
pub fn month_table(coverage: &Coverage, today: NaiveDate) -> AnyView {
    let mut table = Markup::default();
    head(&mut table, coverage, today);
    table.tags("<tbody>");
    for row in &coverage.rows {
        add_row(&mut table, row, &coverage.days);
    }
    table.into_table("cov", "coverage-heading")
}

fn head(table: &mut Markup, coverage: &Coverage, today: NaiveDate) {
    table.tags("<thead><tr><th scope=col>Game");
    for day in &coverage.days {
        table.tags(if day.date == today {
            "<th scope=col aria-current=date>"
        } else {
            "<th scope=col>"
        });
        if let Some(id) = day.import {
            table.tags("<a href=\"/imports/").number(id).tags("\">");
        }
        table.tags("<small>").tags(short(day.date.weekday()));
        table.tags(" </small>").number(day.date.day());
        if day.import.is_some() {
            table.tags("</a>");
        }
    }
    table.tags("<tr><th scope=row>Asked for");
    for day in &coverage.days {
        if day.date > today && day.asked == Asked::Never {
            table.tags("<td>");
        } else {
            let (class, word) = look_of_asking(day.asked);
            cell(table, class, word);
        }
    }
    table.tags("<tr><th scope=row>Draws");
    for day in &coverage.days {
        match &day.unusual {
            Some(said) => {
                table.tags("<td class=u title=\"").text(said);
                table.tags("\">").number(day.draws);
                table.tags("<i>unusual</i>");
            }
            None if day.draws > 0 => {
                table.tags("<td>").number(day.draws);
            }
            None => {
                table.tags("<td>");
            }
        }
    }
    let can_fetch = coverage.can_fetch(today);
    if can_fetch.contains(&true) {
        table.tags("<tr><th scope=row>Fetch");
        for (day, can) in coverage.days.iter().zip(can_fetch) {
            table.tags("<td>");
            if can {
                let date = day.date.to_string();
                table
                    .tags("<input type=checkbox name=date value=")
                    .text(&date);
                table.tags(" aria-label=\"Fetch ");
                table.text(&calendar::day(day.date, today)).tags("\">");
            }
        }
    }
}

fn add_row(table: &mut Markup, row: &Row, days: &[Day]) {
    add_game(table, row);
    for (state, day) in row.states.iter().zip(days) {
        let (class, word) = look(*state);
        if let State::Stored(_) = state {
            let date = day.date.to_string();
            table.tags("<td class=").tags(class);
            table.tags("><a href=\"").text(&row.address);
            table.tags("?date=").text(&date);
            table.tags("#").text(&date).tags("\">").tags(word);
            table.tags("</a>");
        } else {
            cell(table, class, word);
        }
    }
}

/// The head of a game's row.
pub fn add_game(table: &mut Markup, row: &Row) {
    table.tags("<tr><th scope=row><a href=\"");
    table
        .text(&row.address)
        .tags("\" translate=no title=\"")
        .text(&row.game_name);
    table.tags("\">").text(&row.game_name).tags("</a><small>");
    table.text(&row.base_game_id).tags("</small>");
}

/// A cell that leads nowhere.
pub fn cell(table: &mut Markup, class: &'static str, word: &'static str) {
    if class.is_empty() {
        table.tags("<td>");
    } else {
        table.tags("<td class=").tags(class).tags("><i>");
        table.tags(word).tags("</i>");
    }
}

/// A weekday in two letters.
fn short(weekday: Weekday) -> &'static str {
    in_words(weekday).get(..2).unwrap_or_default()
}
