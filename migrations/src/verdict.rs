//! What is said of a face (`faces.outcome`), what people said of it (`face_verdicts.verdict`), and of an image in which
//! nobody was named (`images.reason`).

use sqlx::{
    Decode, Encode, MySql, Type,
    encode::IsNull,
    error::BoxDynError,
    mysql::{MySqlTypeInfo, MySqlValueRef},
};

/// What was decided for one face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaceOutcome {
    /// Surely one of the people we know.
    Identified,
    /// Nobody we know.
    Unknown,
    /// Near somebody, but not surely; or near two people alike.
    Ambiguous,
    /// Seen too badly to decide.
    LowQuality,
}

/// What a person said of a face and of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaceVerdict {
    /// It is this person.
    Is,
    /// It is somebody else.
    IsNot,
}

/// Why recognition named nobody in an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnresolvedReason {
    /// No face is in the picture.
    NoFace,
    /// The faces are seen too badly.
    LowQuality,
    /// There is a face of nobody we know.
    UnknownFace,
    /// There is a face that may be somebody's.
    Ambiguous,
}

/// Stores an enum by its word: readable in the table, checked when it is read.
macro_rules! stored_as_word {
    ($name:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the column and in the HTTP interface.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl Type<MySql> for $name {
            fn type_info() -> MySqlTypeInfo {
                <str as Type<MySql>>::type_info()
            }

            fn compatible(column: &MySqlTypeInfo) -> bool {
                <str as Type<MySql>>::compatible(column)
            }
        }

        impl Encode<'_, MySql> for $name {
            fn encode_by_ref(&self, buffer: &mut Vec<u8>) -> Result<IsNull, BoxDynError> {
                <&str as Encode<MySql>>::encode(self.name(), buffer)
            }
        }

        impl Decode<'_, MySql> for $name {
            fn decode(value: MySqlValueRef<'_>) -> Result<Self, BoxDynError> {
                match <&str as Decode<MySql>>::decode(value)? {
                    $($word => Ok(Self::$variant),)+
                    other => Err(format!("{other:?} is no {}", stringify!($name)).into()),
                }
            }
        }
    };
}

stored_as_word!(FaceOutcome {
    Identified => "identified",
    Unknown => "unknown",
    Ambiguous => "ambiguous",
    LowQuality => "low_quality",
});

stored_as_word!(FaceVerdict {
    Is => "is",
    IsNot => "is_not",
});

stored_as_word!(UnresolvedReason {
    NoFace => "no_face",
    LowQuality => "low_quality",
    UnknownFace => "unknown_face",
    Ambiguous => "ambiguous",
});
