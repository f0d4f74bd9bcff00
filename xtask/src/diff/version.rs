//! Which version follows from a set of changes.

use semver::{BuildMetadata, Prerelease, Version};

use super::Impact;

/// The part of a version that has to rise, in the words of Semantic Versioning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Bump {
    /// There is nothing to release.
    None,
    /// Only words have changed.
    Patch,
    /// Something is new.
    Minor,
    /// Something is broken.
    Major,
}

impl Bump {
    pub(super) fn of(worst: Option<Impact>) -> Self {
        match worst {
            Some(Impact::Breaking) => Self::Major,
            Some(Impact::Compatible) => Self::Minor,
            Some(Impact::Documentation) => Self::Patch,
            Some(Impact::Spec) | None => Self::None,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::None => "no",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }

    /// The version that follows on `current`, with the API's own version as build metadata.
    ///
    /// From 1.0.0 on, the three parts mean what their names say. Below 1.0.0, cargo reads a
    /// breaking change from the leftmost part that is not zero: a major change raises that part,
    /// and any other change raises the part after it.
    pub(super) fn next(self, current: &Version, api: &str) -> Version {
        let Version { major, minor, patch, .. } = *current;
        let (major, minor, patch) = match (self, major, minor) {
            (Self::None, ..) => return current.clone(),
            (_, 0, 0) => (0, 0, patch + 1),
            (Self::Major, 0, _) => (0, minor + 1, 0),
            (_, 0, _) => (0, minor, patch + 1),
            (Self::Major, ..) => (major + 1, 0, 0),
            (Self::Minor, ..) => (major, minor + 1, 0),
            (Self::Patch, ..) => (major, minor, patch + 1),
        };
        Version { major, minor, patch, pre: Prerelease::EMPTY, build: metadata(api) }
    }
}

/// `api.1.0.0`. A character that build metadata cannot hold becomes a hyphen.
fn metadata(api: &str) -> BuildMetadata {
    let text: String = format!("api.{api}")
        .chars()
        .map(|c| match c {
            c if c.is_ascii_alphanumeric() || c == '.' => c,
            _ => '-',
        })
        .collect();
    BuildMetadata::new(&text).unwrap_or(BuildMetadata::EMPTY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(current: &str, bump: Bump) -> String {
        let current = Version::parse(current).unwrap();
        bump.next(&current, "1.2.0").to_string()
    }

    #[test]
    fn from_one_on_the_parts_mean_what_they_say() {
        assert_eq!(next("1.4.2+api.1.1.0", Bump::Major), "2.0.0+api.1.2.0");
        assert_eq!(next("1.4.2+api.1.1.0", Bump::Minor), "1.5.0+api.1.2.0");
        assert_eq!(next("1.4.2+api.1.1.0", Bump::Patch), "1.4.3+api.1.2.0");
    }

    #[test]
    fn below_one_the_leftmost_part_that_is_not_zero_tells_breaking_changes() {
        assert_eq!(next("0.4.2", Bump::Major), "0.5.0+api.1.2.0");
        assert_eq!(next("0.4.2", Bump::Minor), "0.4.3+api.1.2.0");
        assert_eq!(next("0.4.2", Bump::Patch), "0.4.3+api.1.2.0");
        assert_eq!(next("0.0.2", Bump::Major), "0.0.3+api.1.2.0");
        assert_eq!(next("0.0.2", Bump::Minor), "0.0.3+api.1.2.0");
    }

    #[test]
    fn without_a_change_the_version_stays() {
        assert_eq!(next("0.4.2+api.1.1.0", Bump::None), "0.4.2+api.1.1.0");
    }

    #[test]
    fn a_version_of_the_api_that_is_no_metadata_is_made_one() {
        assert_eq!(metadata("2026/01 beta").as_str(), "api.2026-01-beta");
    }
}
