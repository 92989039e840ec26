//! The models beside what they stand for: one suite for each, run over the model and over the real part.

mod queue;
mod store;
