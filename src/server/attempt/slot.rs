//! A value that tasks share for moments too short to wait in.

use std::sync::{Mutex, PoisonError};

#[derive(Debug)]
pub struct Slot<T>(Mutex<T>);

impl<T: Clone> Slot<T> {
    pub fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub fn get(&self) -> T {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub fn update(&self, change: impl FnOnce(&mut T)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
