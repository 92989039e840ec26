//! Which images are as a filter says, found so that every page costs about the same, however many images there are. The
//! pages and the API list images by this.
//!
//! | module | what |
//! |---|---|
//! | [`filter`] | what is looked for, and the words of an address that say so: pure |
//! | [`moment`] | times as people write them: pure |
//! | [`search`] | which index leads, and what is checked beside it: pure |
//! | [`store`] | the SQL |

pub mod filter;
pub mod moment;
pub mod search;
pub mod store;

pub use filter::{Filter, FilterError, Standing, Words};
pub use search::{Search, Way};
pub use store::Found;
