//! What the operating system does for the output and the standard library does not: exchanging two folders, syncing a
//! file system, telling mounts and files apart. Each function has a plain answer where a system has no such call.

pub(super) use crate::system::atomic_write::identity;
use std::fs::{File, Metadata, Permissions};
use std::io;
use std::path::Path;

/// Exchanges two folders of one mount in one step.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
pub(super) fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

/// Exchanges two folders of one mount in one step: not possible here.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
pub(crate) fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether a failed exchange means that it cannot be had here, rather than that something is wrong.
pub(super) fn cannot_exchange(error: &io::Error) -> bool {
    use io::ErrorKind::{CrossesDevices, InvalidInput, PermissionDenied, ResourceBusy, Unsupported};
    // ENOSYS, EOPNOTSUPP: Unsupported; EINVAL: no such flag on this file system, or one folder holds the other;
    // EBUSY: a mount point; EPERM, EACCES: the folder around the output is not ours to change, or the output itself,
    // which `replace` checks before it touches a file.
    matches!(error.kind(), CrossesDevices | InvalidInput | PermissionDenied | ResourceBusy | Unsupported)
}

/// Brings all that was written to the file system of `folder` to the disk.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn sync_file_system(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}

/// Brings all that was written to the file system of `folder` to the disk.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
pub(crate) fn sync_file_system(_: &Path) -> io::Result<()> {
    rustix::fs::sync();
    Ok(())
}

/// Brings all that was written to the file system of `folder` to the disk: left to the system here.
#[cfg(not(unix))]
pub(crate) fn sync_file_system(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Which mount `folder` is on: equal for two folders between which files can be renamed and linked.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn mount_of(folder: &Path) -> io::Result<(u64, u64)> {
    use rustix::fs::{AtFlags, CWD, StatxFlags, statx};
    use std::os::unix::fs::MetadataExt;
    // The device alone does not tell a bind mount, across which nothing can be renamed, from its origin.
    let mount = statx(CWD, folder, AtFlags::empty(), StatxFlags::MNT_ID).map_or(0, |answer| answer.stx_mnt_id);
    Ok((std::fs::metadata(folder)?.dev(), mount))
}

/// Which mount `folder` is on: equal for two folders between which files can be renamed and linked.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
pub(crate) fn mount_of(folder: &Path) -> io::Result<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Ok((std::fs::metadata(folder)?.dev(), 0))
}

/// Which mount `folder` is on: not known here, so that nothing is ever taken to be on the same.
#[cfg(not(unix))]
pub(crate) fn mount_of(_: &Path) -> io::Result<(u64, u64)> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Checks that `folder` can be listed, and that names can be made and removed in it; the error is the system's reason.
#[cfg(unix)]
pub(super) fn check_changeable(folder: &Path) -> io::Result<()> {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    Ok(accessat(CWD, folder, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS)?)
}

/// Checks that `folder` can be listed and changed: found out by trying here, but for its being there.
#[cfg(not(unix))]
pub(crate) fn check_changeable(folder: &Path) -> io::Result<()> {
    std::fs::metadata(folder).map(drop)
}

/// Checks that names can be made and removed in `folder`; the error is the system's reason.
#[cfg(unix)]
pub(super) fn check_writable(folder: &Path) -> io::Result<()> {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    Ok(accessat(CWD, folder, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS)?)
}

/// Checks that names can be made and removed in `folder`: found out by trying here.
#[cfg(not(unix))]
pub(crate) fn check_writable(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Gives this user every right to a folder of their own.
pub(super) fn make_changeable(folder: &Path) -> io::Result<()> {
    if check_changeable(folder).is_ok() {
        return Ok(());
    }
    let permissions = std::fs::metadata(folder)?.permissions();
    std::fs::set_permissions(folder, with_owner_rights(permissions))
}

/// Whether `entry`, which is in `folder`, can be moved out of it: a folder that this user cannot write to cannot, because
/// a move changes its `..`; nor a mount point, nor another user's file in a sticky folder.
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

/// Whether `entry`, which is in `folder`, can be moved out of it: found out by trying here.
#[cfg(not(unix))]
pub(crate) fn can_move(_: &Path, _: &Path) -> bool {
    true
}

/// Whether a file made in `folder` and moved to `place` ends up as one made in `place` would: the same security label,
/// the same inherited access list, no inherited group.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn gives_like(folder: &Path, place: &Path) -> bool {
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

/// Whether a file made in `folder` and moved to `place` ends up as one made in `place` would: not known here.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn gives_like(_: &Path, _: &Path) -> bool {
    false
}

/// The inode of a folder's entry, without asking for its metadata; 0 where it is not known.
#[cfg(unix)]
pub(super) fn entry_inode(entry: &std::fs::DirEntry) -> u64 {
    use std::os::unix::fs::DirEntryExt;
    entry.ino()
}

/// The inode of a folder's entry, without asking for its metadata; 0 where it is not known.
#[cfg(not(unix))]
pub(crate) fn entry_inode(_: &std::fs::DirEntry) -> u64 {
    0
}

/// When the kernel last saw a file change in any way, in nanoseconds: unlike the time of modification no program can
/// set it. `None` where there is no such time.
#[cfg(unix)]
pub(super) fn change_time(found: &Metadata) -> Option<i128> {
    use std::os::unix::fs::MetadataExt;
    Some(i128::from(found.ctime()) * 1_000_000_000 + i128::from(found.ctime_nsec()))
}

/// When the kernel last saw a file change: not known here.
#[cfg(not(unix))]
pub(crate) fn change_time(_: &Metadata) -> Option<i128> {
    None
}

/// Whether this name is the only one a file has, so that writing to it changes nothing else.
#[cfg(unix)]
pub(super) fn has_one_name(found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    found.is_file() && found.nlink() == 1
}

/// Whether this name is the only one a file has: not known here.
#[cfg(not(unix))]
pub(crate) fn has_one_name(_: &Metadata) -> bool {
    false
}

/// Gives `folder` the permissions, and where allowed the owner, of `model`; its owner keeps every right, because a folder
/// that cannot be written to cannot be moved to another folder. [`finish_permissions`] comes after the move.
pub(super) fn dress_like(folder: &Path, model: &Path) -> io::Result<Permissions> {
    let (mine, theirs) = (std::fs::metadata(folder)?, std::fs::metadata(model)?);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, chown};
        if (mine.uid(), mine.gid()) != (theirs.uid(), theirs.gid()) {
            // Only root may; for anyone else the site belongs to who builds it, as any new file does.
            let _ = chown(folder, Some(theirs.uid()), Some(theirs.gid()));
        }
    }
    let movable = with_owner_rights(theirs.permissions());
    if mine.permissions() != movable {
        std::fs::set_permissions(folder, movable)?;
    }
    Ok(theirs.permissions())
}

/// Gives a folder that was moved the permissions that would have forbidden the move. It is published by then, so that
/// nothing is reported if they cannot be set.
pub(super) fn finish_permissions(folder: &Path, permissions: Permissions) {
    if with_owner_rights(permissions.clone()) != permissions {
        let _ = std::fs::set_permissions(folder, permissions);
    }
}

/// The permissions with those to read, change and enter a folder for its owner.
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

/// Makes a folder that only this user can enter, and its parents.
pub(super) fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A name for this user's own folder in a place that all users share.
#[cfg(unix)]
pub(super) fn shared_name() -> String {
    format!("canon-{}", rustix::process::geteuid().as_raw())
}

/// A name for this user's own folder in a place that all users share.
#[cfg(not(unix))]
pub(crate) fn shared_name() -> String {
    String::from("canon")
}

/// Whether `folder` is a real folder of this user's, and not one that somebody else laid out under its name.
#[cfg(unix)]
pub(super) fn is_our_own(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let ours = rustix::process::geteuid().as_raw();
    std::fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir() && found.uid() == ours)
}

/// Whether `folder` is a real folder of this user's: taken so here, where temporary folders are each user's own.
#[cfg(not(unix))]
pub(crate) fn is_our_own(_: &Path) -> bool {
    true
}

/// Waits until the latest renames in `folder` are on the disk.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        false => Ok(()),
    }
}
