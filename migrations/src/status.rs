//! The states of an image and the integers that stand for them in `images.status`.

use sqlx::{
    Decode, Encode, MySql, Type,
    encode::IsNull,
    error::BoxDynError,
    mysql::{MySqlTypeInfo, MySqlValueRef},
};

/// Where an image is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageStatus {
    /// Waits for a worker.
    Pending,
    /// At least one face was identified.
    Processed,
    /// An error; whether it is tried again stands beside it.
    Failed,
    /// A worker holds a lease on it.
    Processing,
    /// Recognition worked and nobody was named.
    Unresolved,
}

impl ImageStatus {
    /// Every state, in the order of its integer.
    pub const ALL: [Self; 5] =
        [Self::Pending, Self::Processed, Self::Failed, Self::Processing, Self::Unresolved];

    /// The integer in the column.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::Processed => 1,
            Self::Failed => 2,
            Self::Processing => 3,
            Self::Unresolved => 4,
        }
    }

    /// The word that the HTTP interface uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processed => "processed",
            Self::Failed => "failed",
            Self::Processing => "processing",
            Self::Unresolved => "unresolved",
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
}

impl Type<MySql> for ImageStatus {
    fn type_info() -> MySqlTypeInfo {
        <u8 as Type<MySql>>::type_info()
    }

    fn compatible(column: &MySqlTypeInfo) -> bool {
        <u8 as Type<MySql>>::compatible(column)
    }
}

impl Encode<'_, MySql> for ImageStatus {
    fn encode_by_ref(&self, buffer: &mut Vec<u8>) -> Result<IsNull, BoxDynError> {
        <u8 as Encode<MySql>>::encode(self.code(), buffer)
    }
}

impl Decode<'_, MySql> for ImageStatus {
    fn decode(value: MySqlValueRef<'_>) -> Result<Self, BoxDynError> {
        let code = <u8 as Decode<MySql>>::decode(value)?;
        Self::from_code(code).ok_or_else(|| format!("{code} is no status of an image").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_the_ones_that_older_clients_know() {
        let codes = ImageStatus::ALL.map(|status| (status.code(), status.name()));

        let known = [(0, "pending"), (1, "processed"), (2, "failed"), (3, "processing"), (4, "unresolved")];
        assert_eq!(codes, known);
    }

    #[test]
    fn every_code_leads_back_to_its_status() {
        for status in ImageStatus::ALL {
            assert_eq!(ImageStatus::from_code(status.code()), Some(status));
        }
        assert_eq!(ImageStatus::from_code(5), None);
    }
}
