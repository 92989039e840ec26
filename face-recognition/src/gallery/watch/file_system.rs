//! On which file systems the system tells of every change. Pure.

/// Numbers by which Linux names file systems (statfs(2)) that nobody but this machine writes to: ext2 to ext4, XFS, Btrfs,
/// F2FS, ZFS, bcachefs, tmpfs and ramfs. On all others somebody else may: NFS, SMB, Ceph, 9p, FUSE, the folders that
/// virtual machines share with their host, the layers under an overlay, and those that are not known here.
const LOCAL: [i128; 8] =
    [0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010, 0x2fc1_2fc1, 0xca45_1a4e, 0x0102_1994, 0x8584_58f6];

/// Whether inotify tells of every change there.
pub(super) fn tells_of_changes(kind: i128) -> bool {
    // Where the number is signed, one with the highest bit comes as a negative one.
    LOCAL.contains(&(kind & 0xffff_ffff))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_file_systems_of_this_machine_alone_tell_of_changes() {
        let table = [
            ("ext4", 0xef53, true),
            ("XFS", 0x5846_5342, true),
            ("Btrfs", 0x9123_683e, true),
            ("Btrfs, signed", i128::from(0x9123_683e_u32.cast_signed()), true),
            ("tmpfs", 0x0102_1994, true),
            ("NFS", 0x6969, false),
            ("CIFS", 0xff53_4d42, false),
            ("SMB2", 0xfe53_4d42, false),
            ("FUSE", 0x6573_5546, false),
            ("9p", 0x0102_1997, false),
            ("Ceph", 0x00c3_6400, false),
            ("overlay", 0x794c_7630, false),
            ("unknown", 0, false),
        ];
        for (name, kind, tells) in table {
            assert_eq!(tells_of_changes(kind), tells, "{name}");
        }
    }
}
