//! Faults that the code must not have, put into the models one at a time: a checker that does not notice them proves
//! nothing.

/// One thing that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// A result is written whichever claim it belongs to.
    NoFence,
    /// A claim does not raise the fencing token.
    TokenStays,
    /// The faces of an earlier look stay beside the new ones.
    FacesPile,
    /// An image that is given up is not told to the dead letters.
    NoDeadLetter,
    /// A lease that ran out is no loss.
    LossesUncounted,
    /// A message is marked as published when it is leased, before it is sent.
    MarkedBeforeSent,
    /// Every call is charged as if the recogniser had been well, which nobody asked.
    ChargedWithoutPing,
    /// Whoever failed is tried again for ever.
    RoundsUncounted,
}
