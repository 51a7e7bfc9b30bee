using System.Globalization;

namespace DotnetRelease.Holder;

/// <summary>
/// What a command in a sandbox may ask of the kernel, modelled on podman's default profile (seccomp.json of containers/common) for a
/// container without CAP_SYS_ADMIN. Stricter than that: nothing about mounts, namespaces, keys, the log or the restart of the machine,
/// whatever capabilities somebody gets hold of. Each call is written as NAME, number on x86-64, number on aarch64; '-' is "none".
/// </summary>
internal static class SystemCallTable
{
    /// <summary>Answered by the kernel. What is in neither list does not exist here (ENOSYS), so that programs fall back to older calls.</summary>
    internal const string Allowed = """
        # Reading and writing
        read 0 63, write 1 64, pread64 17 67, pwrite64 18 68, readv 19 65, writev 20 66, preadv 295 69, pwritev 296 70, preadv2 327 286, pwritev2 328 287,
        lseek 8 62, sendfile 40 71, splice 275 76, tee 276 77, copy_file_range 326 285, readahead 187 213, fadvise64 221 223, fallocate 285 47,
        truncate 76 45, ftruncate 77 46, fsync 74 82, fdatasync 75 83, sync 162 81, syncfs 306 267, sync_file_range 277 84, cachestat 451 451, close 3 57,
        close_range 436 436, dup 32 23, dup2 33 -, dup3 292 24, fcntl 72 25, flock 73 32, pipe 22 -, pipe2 293 59
        # Files and folders
        open 2 -, openat 257 56, openat2 437 437, creat 85 -, access 21 -, faccessat 269 48, faccessat2 439 439, stat 4 -, fstat 5 80, lstat 6 -,
        newfstatat 262 79, statx 332 291, statfs 137 43, fstatfs 138 44, getdents 78 -, getdents64 217 61, getcwd 79 17, chdir 80 49, fchdir 81 50,
        mkdir 83 -, mkdirat 258 34, rmdir 84 -, mknod 133 -, mknodat 259 33, link 86 -, linkat 265 37, symlink 88 -, symlinkat 266 36, unlink 87 -,
        unlinkat 263 35, rename 82 -, renameat 264 38, renameat2 316 276, readlink 89 -, readlinkat 267 78, chmod 90 -, fchmod 91 52, fchmodat 268 53,
        fchmodat2 452 452, chown 92 -, fchown 93 55, lchown 94 -, fchownat 260 54, umask 95 166, utime 132 -, utimes 235 -, futimesat 261 -, utimensat 280 88,
        name_to_handle_at 303 264
        # Extended attributes
        setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7, setxattrat 463 463, getxattr 191 8, lgetxattr 192 9, fgetxattr 193 10, getxattrat 464 464,
        listxattr 194 11, llistxattr 195 12, flistxattr 196 13, listxattrat 465 465, removexattr 197 14, lremovexattr 198 15, fremovexattr 199 16,
        removexattrat 466 466
        # Waiting for events
        poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72, epoll_create 213 -, epoll_create1 291 20, epoll_ctl 233 21, epoll_wait 232 -,
        epoll_pwait 281 22, epoll_pwait2 441 441, epoll_ctl_old 214 -, epoll_wait_old 215 -, eventfd 284 -, eventfd2 290 19, signalfd 282 -, signalfd4 289 74,
        inotify_init 253 -, inotify_init1 294 26, inotify_add_watch 254 27, inotify_rm_watch 255 28, fanotify_mark 301 263, io_setup 206 0, io_destroy 207 1,
        io_submit 209 2, io_cancel 210 3, io_getevents 208 4
        # Memory
        brk 12 214, mmap 9 222, munmap 11 215, mremap 25 216, mprotect 10 226, msync 26 227, madvise 28 233, mincore 27 232, mlock 149 228, mlock2 325 284,
        mlockall 151 230, munlock 150 229, munlockall 152 231, membarrier 324 283, remap_file_pages 216 234, memfd_create 319 279, memfd_secret 447 447,
        map_shadow_stack 453 453, mseal 462 462, pkey_alloc 330 289, pkey_free 331 290, pkey_mprotect 329 288, get_mempolicy 239 236, set_mempolicy 238 237,
        mbind 237 235
        # Processes and programs
        fork 57 -, vfork 58 -, execve 59 221, execveat 322 281, exit 60 93, exit_group 231 94, wait4 61 260, waitid 247 95, kill 62 129, tkill 200 130,
        tgkill 234 131, pidfd_open 434 434, pidfd_getfd 438 438, pidfd_send_signal 424 424, ptrace 101 117, process_vm_readv 310 270,
        process_vm_writev 311 271, process_mrelease 448 448, prctl 157 167, arch_prctl 158 -, seccomp 317 277, landlock_create_ruleset 444 444,
        landlock_add_rule 445 445, landlock_restrict_self 446 446, restart_syscall 219 128, uretprobe 335 -
        # Signals
        rt_sigaction 13 134, rt_sigpending 127 136, rt_sigprocmask 14 135, rt_sigqueueinfo 129 138, rt_sigreturn 15 139, rt_sigsuspend 130 133,
        rt_sigtimedwait 128 137, rt_tgsigqueueinfo 297 240, sigaltstack 131 132, alarm 37 -, pause 34 -
        # Threads and scheduling
        futex 202 98, futex_waitv 449 449, futex_wake 454 454, futex_wait 455 455, futex_requeue 456 456, set_robust_list 273 99, get_robust_list 274 100,
        set_tid_address 218 96, set_thread_area 205 -, get_thread_area 211 -, rseq 334 293, sched_yield 24 124, sched_getaffinity 204 123,
        sched_setaffinity 203 122, sched_getattr 315 275, sched_setattr 314 274, sched_getparam 143 121, sched_setparam 142 118, sched_getscheduler 145 120,
        sched_setscheduler 144 119, sched_get_priority_max 146 125, sched_get_priority_min 147 126, sched_rr_get_interval 148 127, getpriority 140 141,
        setpriority 141 140, ioprio_get 252 31, ioprio_set 251 30, getcpu 309 168
        # Identity
        getpid 39 172, getppid 110 173, gettid 186 178, getpgid 121 155, setpgid 109 154, getpgrp 111 -, getsid 124 156, setsid 112 157, getuid 102 174,
        geteuid 107 175, getgid 104 176, getegid 108 177, getresuid 118 148, getresgid 120 150, getgroups 115 158, setuid 105 146, setgid 106 144,
        setreuid 113 145, setregid 114 143, setresuid 117 147, setresgid 119 149, setfsuid 122 151, setfsgid 123 152, setgroups 116 159, capget 125 90,
        capset 126 91, chroot 161 51
        # Limits and facts
        getrlimit 97 163, setrlimit 160 164, prlimit64 302 261, getrusage 98 165, times 100 153, sysinfo 99 179, uname 63 160, getrandom 318 278
        # Time
        time 201 -, gettimeofday 96 169, clock_gettime 228 113, clock_getres 229 114, clock_nanosleep 230 115, clock_adjtime 305 266, adjtimex 159 171,
        nanosleep 35 101, getitimer 36 102, setitimer 38 103, timer_create 222 107, timer_delete 226 111, timer_getoverrun 225 109, timer_gettime 224 108,
        timer_settime 223 110, timerfd_create 283 85, timerfd_gettime 287 87, timerfd_settime 286 86
        # Sockets
        socketpair 53 199, bind 49 200, listen 50 201, accept 43 202, accept4 288 242, connect 42 203, shutdown 48 210, getsockname 51 204,
        getpeername 52 205, getsockopt 55 209, setsockopt 54 208, sendto 44 206, sendmsg 46 211, sendmmsg 307 269, recvfrom 45 207, recvmsg 47 212,
        recvmmsg 299 243
        # System V and POSIX queues
        shmget 29 194, shmat 30 196, shmctl 31 195, shmdt 67 197, semget 64 190, semop 65 193, semctl 66 191, semtimedop 220 192, msgget 68 186,
        msgsnd 69 189, msgrcv 70 188, msgctl 71 187, mq_open 240 180, mq_unlink 241 181, mq_timedsend 242 182, mq_timedreceive 243 183, mq_notify 244 184,
        mq_getsetattr 245 185
        """;

    /// <summary>Answered with EPERM: known, and none of a build's or a package's business.</summary>
    internal const string Refused = """
        # Mounts, roots
        mount 165 40, umount2 166 39, pivot_root 155 41, open_tree 428 428, open_tree_attr 467 467, move_mount 429 429, mount_setattr 442 442, fsopen 430 430,
        fsconfig 431 431, fsmount 432 432, fspick 433 433, quotactl 179 60, quotactl_fd 443 443, swapon 167 224, swapoff 168 225, ustat 136 -, sysfs 139 -
        # Namespaces
        unshare 272 97, setns 308 268, sethostname 170 161, setdomainname 171 162
        # Keys of the kernel
        add_key 248 217, request_key 249 218, keyctl 250 219
        # Programs and modules in the kernel, and its past holes
        bpf 321 280, perf_event_open 298 241, userfaultfd 323 282, init_module 175 105, finit_module 313 273, delete_module 176 106, query_module 178 -,
        kexec_load 246 104, kexec_file_load 320 294, fanotify_init 300 262, lookup_dcookie 212 18, kcmp 312 272, process_madvise 440 440, move_pages 279 239,
        migrate_pages 256 238, vmsplice 278 75, io_pgetevents 333 292, nfsservctl 180 42, uselib 134 -, modify_ldt 154 -
        # Files by number instead of name
        open_by_handle_at 304 265
        # The machine
        reboot 169 142, syslog 103 116, acct 163 89, settimeofday 164 170, clock_settime 227 112, iopl 172 -, ioperm 173 -, vhangup 153 58
        """;

    /// <summary>Allowed with some arguments; <see cref="SeccompFilter"/> knows which.</summary>
    internal const string Examined = "clone 56 220, personality 135 92, ioctl 16 29, socket 41 198";

    /// <summary>The calls of one list.</summary>
    internal static List<SystemCall> Read(string list)
    {
        var calls = new List<SystemCall>();
        foreach (var line in list.Split('\n'))
        {
            if (!line.StartsWith('#'))
            {
                foreach (var call in line.Split(','))
                {
                    if (call.Trim() is { Length: > 0 } one)
                    {
                        calls.Add(ReadOne(one));
                    }
                }
            }
        }

        return calls;
    }

    private static SystemCall ReadOne(string text)
    {
        var words = text.Split(' ');
        return new(words[0], Number(words[1]), Number(words[2]));
    }

    private static int Number(string text) => text is "-" ? SystemCall.None : int.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>One call of the kernel. A class: lists of a structure of ours are compiled anew in each run, and each container waits for that.</summary>
/// <param name="name">As in the manual.</param>
/// <param name="x64">Its number on x86-64, or <see cref="None"/>.</param>
/// <param name="arm64">Its number on aarch64, or <see cref="None"/>.</param>
internal sealed class SystemCall(string name, int x64, int arm64)
{
    internal const int None = -1;

    internal string Name { get; } = name;

    internal int X64 { get; } = x64;

    internal int Arm64 { get; } = arm64;
}
