//! Finds where a JSON value ends, across as many chunks as it takes.

/// Where the scan stands within the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Nothing of the value has been seen.
    Nothing,
    /// A number or a word: only what follows it shows its end.
    Scalar,
    String,
    /// In a string, right after a backslash.
    Escape,
    /// Between the tokens of an object or array.
    Brackets,
}

/// Finds the end of one JSON value by its quotes and brackets alone.
///
/// It checks no grammar: whoever needs the value parses it, and whoever skips it need not care.
#[derive(Debug)]
pub struct ValueScanner {
    inside: Inside,
    depth: u64,
}

impl ValueScanner {
    /// A scanner that stands right before the first byte of a value.
    pub const fn new() -> Self {
        Self {
            inside: Inside::Nothing,
            depth: 0,
        }
    }

    /// Scans the next bytes. `Some(n)`: the value ends after `n` of them; `None`: it goes on after them.
    pub fn advance(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            match self.inside {
                Inside::Nothing => self.start(bytes[at]),
                Inside::Scalar => return Self::scalar_end(&bytes[at..]).map(|n| at + n),
                Inside::Escape => self.inside = Inside::String,
                Inside::String => {
                    at += memchr::memchr2(b'"', b'\\', &bytes[at..])?;
                    self.inside = match bytes[at] {
                        b'\\' => Inside::Escape,
                        _ => Inside::Brackets,
                    };
                }
                Inside::Brackets => self.bracket(bytes[at]),
            }
            at += 1;
            if self.inside == Inside::Brackets && self.depth == 0 {
                return Some(at);
            }
        }
        None
    }

    fn start(&mut self, byte: u8) {
        self.inside = match byte {
            b'"' => Inside::String,
            b'{' | b'[' => {
                self.depth = 1;
                Inside::Brackets
            }
            _ => Inside::Scalar,
        };
    }

    fn bracket(&mut self, byte: u8) {
        match byte {
            b'"' => self.inside = Inside::String,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth -= 1,
            _ => {}
        }
    }

    /// The deepest that brackets stand within each other in a whole value.
    fn deepest(mut self, value: &[u8]) -> u64 {
        let mut deepest = 0;
        for byte in value {
            self.advance(std::slice::from_ref(byte));
            deepest = deepest.max(self.depth);
        }
        deepest
    }

    fn scalar_end(bytes: &[u8]) -> Option<usize> {
        bytes
            .iter()
            .position(|byte| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n'))
    }
}

/// The deepest that brackets stand within each other in a value.
pub fn depth(value: &[u8]) -> u32 {
    // Nearly all records are flat, and this is asked of each.
    let flat = memchr::memchr2(b'{', b'[', value.get(1..).unwrap_or_default()).is_none();
    if flat {
        return 1;
    }
    u32::try_from(ValueScanner::new().deepest(value)).unwrap_or(u32::MAX)
}
