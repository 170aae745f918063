//! Pages as HTML: a note's text, code colours, the values that templates see, the templates themselves, and the composer that
//! decides which pages there are. Reads no content files and writes none.

pub(crate) mod code;
pub(crate) mod compose;
pub(crate) mod html;
pub(crate) mod templates;
pub(crate) mod views;
