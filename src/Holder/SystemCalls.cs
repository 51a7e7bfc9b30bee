namespace DotnetRelease.Holder;

/// <summary>Numbers of system calls on one machine, from the kernel's tables.</summary>
internal sealed class SystemCalls
{
    internal static SystemCalls X64 { get; } = new()
    {
        AuditArchitecture = 0xc000003e,
        Clone = 56,
        Clone3 = 435,
        Ioctl = 16,
        Socket = 41,
        Refused =
        [
            165, // mount
            166, // umount2
            155, // pivot_root
            428, // open_tree
            429, // move_mount
            430, // fsopen
            431, // fsconfig
            432, // fsmount
            433, // fspick
            442, // mount_setattr
            467, // open_tree_attr
            272, // unshare
            308, // setns
            248, // add_key
            249, // request_key
            250, // keyctl
            321, // bpf
            298, // perf_event_open
            323, // userfaultfd
            246, // kexec_load
            320, // kexec_file_load
            175, // init_module
            313, // finit_module
            176, // delete_module
            304, // open_by_handle_at
            169, // reboot
            167, // swapon
            168, // swapoff
            103, // syslog
            163, // acct
            179, // quotactl
            443, // quotactl_fd
            164, // settimeofday
            227, // clock_settime
            172, // iopl
            173, // ioperm
            154, // modify_ldt
            134, // uselib
            212, // lookup_dcookie
            180, // nfsservctl
        ],
    };

    internal static SystemCalls Arm64 { get; } = new()
    {
        AuditArchitecture = 0xc00000b7,
        Clone = 220,
        Clone3 = 435,
        Ioctl = 29,
        Socket = 198,
        Refused =
        [
            40, // mount
            39, // umount2
            41, // pivot_root
            428, // open_tree
            429, // move_mount
            430, // fsopen
            431, // fsconfig
            432, // fsmount
            433, // fspick
            442, // mount_setattr
            467, // open_tree_attr
            97, // unshare
            268, // setns
            217, // add_key
            218, // request_key
            219, // keyctl
            280, // bpf
            241, // perf_event_open
            282, // userfaultfd
            104, // kexec_load
            294, // kexec_file_load
            105, // init_module
            273, // finit_module
            106, // delete_module
            265, // open_by_handle_at
            142, // reboot
            224, // swapon
            225, // swapoff
            116, // syslog
            89, // acct
            60, // quotactl
            443, // quotactl_fd
            170, // settimeofday
            112, // clock_settime
            18, // lookup_dcookie
            42, // nfsservctl
        ],
    };

    /// <summary>AUDIT_ARCH_X86_64 or AUDIT_ARCH_AARCH64.</summary>
    internal required uint AuditArchitecture { get; init; }

    internal required uint Clone { get; init; }

    internal required uint Clone3 { get; init; }

    internal required uint Ioctl { get; init; }

    internal required uint Socket { get; init; }

    /// <summary>Setup, enter, register: the same everywhere. A ring would carry calls past the filter.</summary>
    internal uint[] IoUring { get; } = [425, 426, 427];

    /// <summary>Calls that fail with EPERM whatever their arguments.</summary>
    internal required uint[] Refused { get; init; }
}
