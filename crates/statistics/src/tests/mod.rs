//! The method as a whole: the reference's numbers, odd input, and what must not depend on how a series is written.

mod batch;
mod degenerate;
mod properties;
mod reference;
