//! The relay over models of its neighbours, which fail on demand, and over the real ones.

mod faults;
mod model;
mod pages;
mod real;
