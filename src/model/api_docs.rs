//! The API's description, as its page shows it.

/// What the page shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiDocs {
    /// Paragraphs.
    pub about: Vec<String>,
    pub groups: Vec<Group>,
    pub types: Vec<Type>,
    pub errors: Vec<ErrorAnswer>,
}

/// Operations that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub name: String,
    pub about: String,
    pub operations: Vec<Operation>,
}

/// What can be asked for at an address by a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// What it goes by, in the page's address too.
    pub id: String,
    /// In capitals.
    pub method: String,
    pub path: String,
    pub summary: String,
    /// Paragraphs.
    pub about: Vec<String>,
    /// The role that it takes; `None`: it is open to everybody.
    pub role: Option<String>,
    pub parameters: Vec<Field>,
    pub body: Option<Content>,
    pub answers: Vec<Answer>,
    /// The statuses of the errors that can come.
    pub errors: Vec<String>,
    /// How it is asked for in a shell.
    pub curl: String,
}

/// A parameter, or a member of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    /// Where a parameter stands: `query`, `path`, `header`. Of a member nothing.
    pub place: String,
    pub kind: Kind,
    pub is_required: bool,
    pub about: String,
}

/// What a value is: words, in which the names of types are links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kind(pub Vec<Word>);

/// A part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    Text(String),
    /// The name of a type on this page.
    Type(String),
}

/// What a body holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    pub about: String,
    /// Media types.
    pub media: Vec<String>,
    pub kind: Kind,
    pub example: Option<String>,
}

/// An answer that is no error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: String,
    pub headers: Vec<String>,
    pub content: Content,
}

/// A type that stands in bodies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type {
    pub name: String,
    pub about: String,
    /// What it is, where it isn't an object of its own.
    pub kind: Kind,
    pub members: Vec<Field>,
}

/// An error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorAnswer {
    pub status: String,
    pub about: String,
    pub example: String,
}
