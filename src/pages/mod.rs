//! Pages as HTML: a note's text, code colours, the values that templates see, the templates themselves, and the composer that
//! decides which pages there are. Reads no content files and writes none.

pub mod code;
pub mod compose;
pub mod html;
pub mod templates;
pub mod views;
