//! Operations of the system that the standard library lacks: exchanging two folders, syncing a file system, identifying
//! mounts and files. Each function has a fallback for systems without the call.

pub(super) use crate::system::atomic_write::identity;
use std::fs::{File, Metadata, Permissions};
use std::io;
use std::path::Path;

/// Atomically exchanges two folders of one mount.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
pub(super) fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

/// Atomically exchanges two folders of one mount: not supported here.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
pub(crate) fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether the error of an exchange means a lack of support in the system, not a failure.
pub(super) fn cannot_exchange(error: &io::Error) -> bool {
    use io::ErrorKind::{CrossesDevices, InvalidInput, PermissionDenied, ResourceBusy, Unsupported};
    // ENOSYS, EOPNOTSUPP: Unsupported. EINVAL: the file system lacks the flag, or one folder contains the second.
    // EBUSY: a mount point. EPERM, EACCES: no write permission for the parent of the output, or for the output itself,
    // which `replace` checks before it changes a file.
    matches!(error.kind(), CrossesDevices | InvalidInput | PermissionDenied | ResourceBusy | Unsupported)
}

/// Syncs all written data of the file system that contains `folder`.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn sync_file_system(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}

/// Syncs all written data of the file system that contains `folder`.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
pub(crate) fn sync_file_system(_: &Path) -> io::Result<()> {
    rustix::fs::sync();
    Ok(())
}

/// Syncs all written data of the file system that contains `folder`: left to the system here.
#[cfg(not(unix))]
pub(crate) fn sync_file_system(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The identity of the mount of `folder`: equal for two folders between which files can be renamed and hard-linked.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn mount_of(folder: &Path) -> io::Result<(u64, u64)> {
    use rustix::fs::{AtFlags, CWD, StatxFlags, statx};
    use std::os::unix::fs::MetadataExt;
    // A bind mount has the device of its origin, but a rename between the two fails.
    let mount = statx(CWD, folder, AtFlags::empty(), StatxFlags::MNT_ID).map_or(0, |answer| answer.stx_mnt_id);
    Ok((std::fs::metadata(folder)?.dev(), mount))
}

/// The identity of the mount of `folder`: equal for two folders between which files can be renamed and hard-linked.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
pub(crate) fn mount_of(folder: &Path) -> io::Result<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Ok((std::fs::metadata(folder)?.dev(), 0))
}

/// The identity of the mount of `folder`: unknown here, so no two folders count as on the same mount.
#[cfg(not(unix))]
pub(crate) fn mount_of(_: &Path) -> io::Result<(u64, u64)> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Checks that the user can list `folder` and create and remove names there. Returns the error of the system.
#[cfg(unix)]
pub(super) fn check_changeable(folder: &Path) -> io::Result<()> {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    Ok(accessat(CWD, folder, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS)?)
}

/// Checks that `folder` exists. On this system, permissions are only known after an attempt.
#[cfg(not(unix))]
pub(crate) fn check_changeable(folder: &Path) -> io::Result<()> {
    std::fs::metadata(folder).map(drop)
}

/// Checks that the user can create and remove names in `folder`. Returns the error of the system.
#[cfg(unix)]
pub(super) fn check_writable(folder: &Path) -> io::Result<()> {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    Ok(accessat(CWD, folder, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS)?)
}

/// Succeeds: here, permissions are only known after an attempt.
#[cfg(not(unix))]
pub(crate) fn check_writable(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Adds all permissions of the owner to a folder of this user.
pub(super) fn make_changeable(folder: &Path) -> io::Result<()> {
    if check_changeable(folder).is_ok() {
        return Ok(());
    }
    let permissions = std::fs::metadata(folder)?.permissions();
    std::fs::set_permissions(folder, with_owner_rights(permissions))
}

/// Whether `entry` can be moved out of its parent `folder`. Not a folder without write permission, because the move
/// changes its `..`; nor a mount point; nor the file of a different user in a sticky folder.
#[cfg(unix)]
pub(super) fn can_move(entry: &Path, folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    const STICKY: u32 = 0o1000;
    let (Ok(found), Ok(around)) = (entry.symlink_metadata(), folder.metadata()) else { return true };
    let user = rustix::process::geteuid();
    let is_free = around.mode() & STICKY == 0 || user.is_root() || [found.uid(), around.uid()].contains(&user.as_raw());
    let same_mount = || matches!((mount_of(entry), mount_of(folder)), (Ok(one), Ok(other)) if one == other);
    is_free && (!found.is_dir() || (check_changeable(entry).is_ok() && same_mount()))
}

/// Whether `entry` can be moved out of its parent: here, only known after an attempt.
#[cfg(not(unix))]
pub(crate) fn can_move(_: &Path, _: &Path) -> bool {
    true
}

/// Whether a file that is created in `folder` and moved to `place` has the same attributes as one created in `place`:
/// the same security label, the same inherited access list, no inherited group.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn gives_same_attributes(folder: &Path, place: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    const SET_GROUP: u32 = 0o2000;
    let attribute = |path: &Path, name: &str| {
        let mut value = [0u8; 512];
        rustix::fs::getxattr(path, name, &mut value[..]).map(|length| value[..length].to_vec()).unwrap_or_default()
    };
    let same = |name| attribute(folder, name) == attribute(place, name);
    let plain = |path: &Path| std::fs::metadata(path).is_ok_and(|found| found.mode() & SET_GROUP == 0);
    plain(folder) && plain(place) && same("security.selinux") && same("system.posix_acl_default")
}

/// Whether a file that is moved between the folders has the same attributes: unknown here.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn gives_same_attributes(_: &Path, _: &Path) -> bool {
    false
}

/// The inode of a folder entry, without reading its metadata.
#[cfg(unix)]
pub(super) fn entry_inode(entry: &std::fs::DirEntry) -> u64 {
    use std::os::unix::fs::DirEntryExt;
    entry.ino()
}

/// The inode of a folder entry: 0, because it is unknown here.
#[cfg(not(unix))]
pub(crate) fn entry_inode(_: &std::fs::DirEntry) -> u64 {
    0
}

/// The time in nanoseconds of the last change to a file, its content or metadata, as recorded by the kernel. Unlike the
/// modification time, programs cannot set the change time. `None` on systems without change times.
#[cfg(unix)]
pub(super) fn change_time(found: &Metadata) -> Option<i128> {
    use std::os::unix::fs::MetadataExt;
    Some(i128::from(found.ctime()) * 1_000_000_000 + i128::from(found.ctime_nsec()))
}

/// The change time of a file: unknown here.
#[cfg(not(unix))]
pub(crate) fn change_time(_: &Metadata) -> Option<i128> {
    None
}

/// Whether a file has exactly one hard link, so a write has no effect at a different path.
#[cfg(unix)]
pub(super) fn has_one_name(found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    found.is_file() && found.nlink() == 1
}

/// Whether a file has exactly one hard link: unknown here.
#[cfg(not(unix))]
pub(crate) fn has_one_name(_: &Metadata) -> bool {
    false
}

/// Copies the permissions and, where permitted, the owner of `model` to `folder`. The owner has all permissions,
/// because a folder without write permission cannot be moved. Returns the permissions of `model`, for
/// [`finish_permissions`] after the move.
pub(super) fn copy_permissions(folder: &Path, model: &Path) -> io::Result<Permissions> {
    let (mine, theirs) = (std::fs::metadata(folder)?, std::fs::metadata(model)?);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, chown};
        if (mine.uid(), mine.gid()) != (theirs.uid(), theirs.gid()) {
            // Only root may change the owner. For every different user, the new files belong to the user of the build.
            let _ = chown(folder, Some(theirs.uid()), Some(theirs.gid()));
        }
    }
    let movable = with_owner_rights(theirs.permissions());
    if mine.permissions() != movable {
        std::fs::set_permissions(folder, movable)?;
    }
    Ok(theirs.permissions())
}

/// Applies the final permissions to a folder after the move that they would have prevented. The folder is published by
/// then, so failures are ignored.
pub(super) fn finish_permissions(folder: &Path, permissions: Permissions) {
    if with_owner_rights(permissions.clone()) != permissions {
        let _ = std::fs::set_permissions(folder, permissions);
    }
}

/// The permissions with read, write and search permission for the owner added.
fn with_owner_rights(mut permissions: Permissions) -> Permissions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        permissions.set_mode(permissions.mode() | 0o700);
    }
    #[cfg(not(unix))]
    permissions.set_readonly(false);
    permissions
}

/// Creates a folder and the missing parents, with access for this user only.
pub(super) fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The name for a folder of this user inside a shared folder, such as `/tmp`.
#[cfg(unix)]
pub(super) fn shared_name() -> String {
    format!("canon-{}", rustix::process::geteuid().as_raw())
}

/// The name for a folder of this user inside a shared folder, such as `/tmp`.
#[cfg(not(unix))]
pub(crate) fn shared_name() -> String {
    String::from("canon")
}

/// Whether `folder` is a real folder owned by the user, and not a link or folder which a different user created under
/// this name.
#[cfg(unix)]
pub(super) fn is_our_own(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let ours = rustix::process::geteuid().as_raw();
    std::fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir() && found.uid() == ours)
}

/// Whether `folder` is owned by this user: assumed here, because each user has a temporary folder.
#[cfg(not(unix))]
pub(crate) fn is_our_own(_: &Path) -> bool {
    true
}

/// Syncs the latest renames in `folder` to disk.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        false => Ok(()),
    }
}
