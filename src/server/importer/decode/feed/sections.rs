//! The frame of a feed's answer: its members, and which of them are sections.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// A member of the answer that has `lists`.
pub enum Section<'a> {
    Items(Vec<&'a RawValue>),
    /// It can't be read, or its `lists` is something else than an array.
    Unreadable(&'a str),
}

/// The members of the answer in their order, which decides whose reading of a draw is the last. `None` stands for a
/// member that is no section.
pub fn sections(answer: &str) -> serde_json::Result<Vec<(String, Option<Section<'_>>)>> {
    let Members(members) = serde_json::from_str(answer)?;
    Ok(members
        .into_iter()
        .map(|(name, member)| (name, section(member)))
        .collect())
}

/// The section that a member is, if it is one.
fn section(member: &RawValue) -> Option<Section<'_>> {
    let lists = match serde_json::from_str(member.get()) {
        Ok(Lists(lists)) => lists,
        Err(_) if member.get().starts_with('{') => return Some(Section::Unreadable(member.get())),
        Err(_) => return None,
    };
    let mut items = Vec::new();
    let mut is_section = false;
    for list in lists.into_iter().filter(|list| list.get() != "null") {
        is_section = true;
        match serde_json::from_str::<Vec<&RawValue>>(list.get()) {
            Ok(list) => items.extend(list),
            Err(_) => return Some(Section::Unreadable(member.get())),
        }
    }
    is_section.then_some(Section::Items(items))
}

/// An object's members, one after the other.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of sections")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}

/// Every `lists` of an object: one that stands there twice is read twice.
struct Lists<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Lists<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListsVisitor;
        impl<'de> Visitor<'de> for ListsVisitor {
            type Value = Lists<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a section")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut lists = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if name == "lists" {
                        lists.push(map.next_value()?);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Lists(lists))
            }
        }
        deserializer.deserialize_map(ListsVisitor)
    }
}
