/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attacks below the system: memory, ports, devices, the kernel's own code. Most of them have no path
 * rule of their own to stop them; lockdown(7) does, and the loader turns it on at strict and sealed.
 *
 * The structures are those of the kernel's headers, which musl does not bring.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#if defined(__x86_64__)
#include <sys/io.h>
#endif
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "attack.h"
#include "guest.h"

#define PCI "/sys/bus/pci/devices"
#define POWER_DISK "/sys/power/disk"
#define LOCKDOWN "/sys/kernel/security/lockdown"
#define NO_DRIVER "the driver is a module, and this image has none: "

int open_node(mode_t kind, unsigned int major, unsigned int minor, int flags)
{
	int fd;

	if (mknod("node", kind | 0600, makedev(major, minor)) < 0 && errno != EEXIST)
		return -errno;
	fd = open("node", flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

static int try_device(mode_t kind, unsigned int major, unsigned int minor, int flags,
		      const char *absent)
{
	int fd = open_node(kind, major, minor, flags);

	if (fd == -ENXIO || fd == -ENODEV || fd == -ENOENT)
		return impossible(-fd, absent);
	if (fd < 0)
		return -fd;
	(void)close(fd);
	return 0;
}

static int run_mem(void)
{
	int fd = open("/dev/mem", O_RDWR | O_CLOEXEC);

	return fd < 0 ? errno : 0;
}

static int run_mem_node(void)
{
	return try_device(S_IFCHR, 1, 1, O_RDWR, "CONFIG_DEVMEM is not set");
}

static int run_kmem(void)
{
	return try_device(S_IFCHR, 1, 2, O_RDWR,
			  "CONFIG_DEVKMEM is not set, and gone from 5.13 on");
}

static int run_port(void)
{
	return try_device(S_IFCHR, 1, 4, O_RDWR, "CONFIG_DEVPORT is not set");
}

#define MSR_PAT 0x277

/* Which memory is cached how: what is there is written back. Opening it tells nothing, msr_write() asks. */
static int run_msr(void)
{
	int fd = open_node(S_IFCHR, 202, 0, O_RDWR), err = 0;
	uint64_t value;

	if (fd == -ENXIO || fd == -ENODEV)
		return impossible(-fd, NO_DRIVER "CONFIG_X86_MSR=m");
	if (fd < 0)
		return -fd;
	if (pread(fd, &value, sizeof(value), MSR_PAT) < 0 ||
	    pwrite(fd, &value, sizeof(value), MSR_PAT) < 0)
		err = errno;
	(void)close(fd);
	return err;
}

/* A hibernated kernel is written to it, and runs. */
static int run_snapshot(void)
{
	return try_device(S_IFCHR, 10, 231, O_WRONLY, "CONFIG_HIBERNATION_SNAPSHOT_DEV is not set");
}

static int run_hibernate(void)
{
	char was[100];

	if (read_small(POWER_DISK, was, sizeof(was)) < 0)
		return impossible(errno, "CONFIG_HIBERNATION is not set");
	return write_small(POWER_DISK, "shutdown");
}

#if defined(__x86_64__)
static int run_ioperm(void)
{
	return ioperm(0x80, 1, 1) < 0 ? errno : 0;
}

static int run_iopl(void)
{
	return iopl(3) < 0 ? errno : 0;
}
#else
static int run_ioperm(void)
{
	return impossible(ENOSYS, "no ports on this architecture");
}

static int run_iopl(void)
{
	return impossible(ENOSYS, "no ports on this architecture");
}
#endif

/*
 * kernel/module/main.c load_module() asks for the signature first: a file that is no module, and has
 * none, is ENOEXEC where a module of one's own would be taken.
 */
static int behind_signature(int err)
{
	return err == ENOEXEC ? 0 : err;
}

static char garbage[8192] = "no module and no kernel";

static int run_init_module(void)
{
	return syscall(SYS_init_module, garbage, sizeof(garbage), "") < 0 ? behind_signature(errno)
									  : 0;
}

static int garbage_file(void)
{
	int fd = memfd_create("garbage", MFD_CLOEXEC);

	if (fd >= 0 && write(fd, garbage, sizeof(garbage)) < 0)
		return -1;
	return fd;
}

static int run_finit_module(void)
{
	int fd = garbage_file();

	if (fd < 0)
		return errno;
	return syscall(SYS_finit_module, fd, "", 0) < 0 ? behind_signature(errno) : 0;
}

struct segment {
	const void *buf;
	size_t bufsz;
	const void *mem;
	size_t memsz;
};

/* It is not started, and goes again: reboot(LINUX_REBOOT_CMD_KEXEC) would be the end. */
static int run_kexec_load(void)
{
	static char code[4096];
#if defined(__x86_64__)
	const unsigned long place = 0x2000000;
#else
	const unsigned long place = 0x44000000;
#endif
	struct segment s = { code, sizeof(code), (void *)place, sizeof(code) };

	if (syscall(SYS_kexec_load, place, 1UL, &s, 0UL) < 0)
		return errno;
	(void)syscall(SYS_kexec_load, 0UL, 0UL, NULL, 0UL);
	return 0;
}

/* kernel/kexec_file.c asks whether it may before it looks at the kernel: ENOEXEC is behind that. */
static int run_kexec_file(void)
{
	int fd = garbage_file();

	if (fd < 0)
		return errno;
	if (syscall(SYS_kexec_file_load, fd, -1, 1UL, "", 0x4UL /* KEXEC_FILE_NO_INITRAMFS */) == 0)
		return 0;
	return errno == ENOSYS ? impossible(ENOSYS, "CONFIG_KEXEC_FILE is not set")
			       : behind_signature(errno);
}

/* Writes back what is there. */
static int rewrite(const char *path)
{
	char text[200];
	ssize_t len = read_small(path, text, sizeof(text));

	return len < 0 ? (int)-len : write_small(path, text);
}

static int run_debugfs(void)
{
	(void)mkdir("debug", 0755);
	if (mount("debugfs", "debug", "debugfs", 0, NULL) < 0)
		return errno == ENODEV ? impossible(ENODEV, "CONFIG_DEBUG_FS is not set") : errno;
	return rewrite("debug/fault_around_bytes");
}

/* A breakpoint in the kernel's code: what it reads there is told. */
static int set_kprobe(bool bound)
{
	const char *path = "trace/kprobe_events";
	int err;

	(void)mkdir("trace", 0755);
	if (mount("tracefs", "trace", "tracefs", 0, NULL) < 0)
		return errno == ENODEV ? impossible(ENODEV, "CONFIG_TRACING is not set") : errno;
	if (access(path, F_OK) < 0)
		return impossible(ENOENT, "CONFIG_KPROBE_EVENTS is not set");
	err = bound ? bind_alias(path) : 0;
	path = bound ? "alias" : path;
	if (!err)
		err = write_small(path, "p:attack do_exit");
	if (!err)
		(void)write_small(path, "-:attack");
	return err;
}

static int run_kprobe(void)
{
	return set_kprobe(false);
}

static int run_kprobe_bind(void)
{
	return set_kprobe(true);
}

static int run_acpi(void)
{
	(void)mkdir("config", 0755);
	if (mount("configfs", "config", "configfs", 0, NULL) < 0)
		return errno == ENODEV ? impossible(ENODEV, "CONFIG_ACPI_CONFIGFS is not set")
				       : errno;
	if (mkdir("config/acpi/table/own", 0755) < 0)
		return errno == ENOENT ? impossible(ENOENT, "CONFIG_ACPI_CONFIGFS is not set")
				       : errno;
	return rmdir("config/acpi/table/own") < 0 ? errno : 0;
}

/* The first PCI device whose class begins so, with one of its files: false where there is none. */
static bool find_pci(const char *class, const char *file, char *path, size_t size)
{
	DIR *dir = opendir(PCI);
	struct dirent *e;
	char text[20];
	bool found = false;

	while (!found && dir && (e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(path, size, PCI "/%.20s/class", e->d_name);
		if (read_small(path, text, sizeof(text)) < 0 || strncmp(text, class, strlen(class)))
			continue;
		(void)snprintf(path, size, PCI "/%.20s/%s", e->d_name, file);
		found = access(path, F_OK) == 0;
	}
	if (dir)
		(void)closedir(dir);
	return found;
}

static int rewrite_byte(const char *path, off_t at)
{
	int fd = open(path, O_RDWR | O_CLOEXEC), err = 0;
	char byte;

	if (fd < 0)
		return errno;
	if (pread(fd, &byte, 1, at) != 1 || pwrite(fd, &byte, 1, at) != 1)
		err = errno ? errno : EIO;
	(void)close(fd);
	return err;
}

/* The interrupt line, which the kernel does not look at again. */
static int run_pci_config(void)
{
	char path[100];

	if (!find_pci("0x", "config", path, sizeof(path)))
		return impossible(ENOENT, "no PCI device");
	return rewrite_byte(path, 0x3c);
}

/* The bus master registers of a PC's IDE controller. */
static int run_pci_ports(void)
{
	char path[100];

	if (!find_pci("0x0101", "resource4", path, sizeof(path)))
		return impossible(ENOENT, "no PCI device with ports that nobody uses");
	return rewrite_byte(path, 0);
}

struct serial {
	int type, line;
	unsigned int port;
	int irq, flags, fifo, divisor, baud_base;
	unsigned short close_delay;
	char io_type, reserved;
	int hub6;
	unsigned short closing_wait, closing_wait2;
	unsigned char *iomem_base;
	unsigned short iomem_reg_shift;
	unsigned int port_high;
	unsigned long iomap_base;
};

/* A port that nobody has is laid over other ports. */
static int run_serial(void)
{
#if defined(__x86_64__)
	int fd = open_node(S_IFCHR, 4, 66, O_RDWR), err = 0;
	struct serial s = { 0 };
	unsigned int was;

	if (fd < 0)
		return -fd;
	if (ioctl(fd, TIOCGSERIAL, &s) < 0)
		return errno;
	was = s.port;
	s.port = 0x2f0;
	if (ioctl(fd, TIOCSSERIAL, &s) < 0)
		err = errno;
	s.port = was;
	if (!err)
		(void)ioctl(fd, TIOCSSERIAL, &s);
	(void)close(fd);
	return err == EIO ? impossible(EIO, "no port without hardware behind it") : err;
#else
	return impossible(ENODEV, "no serial ports of a PC");
#endif
}

/* Types at the console, where somebody outside of the layer might read. */
static int run_typing(void)
{
#if defined(__x86_64__)
	int fd = open_node(S_IFCHR, 4, 64, O_RDWR);
#else
	int fd = open_node(S_IFCHR, 204, 64, O_RDWR);
#endif
	int err = 0;

	if (fd < 0)
		return -fd;
	if (ioctl(fd, TIOCSTI, "\n") < 0)
		err = errno;
	(void)close(fd);
	return err;
}

/* "h" prints the list of the keys; "e" and "i" end all tasks, those outside too. */
static int run_sysrq(void)
{
	int err = write_small("/proc/sysrq-trigger", "h");

	return err == ENOENT ? impossible(err, "CONFIG_MAGIC_SYSRQ is not set") : err;
}

static int run_sysrq_bind(void)
{
	int err = bind_alias("/proc/sysrq-trigger");

	if (err == ENOENT)
		return impossible(err, "CONFIG_MAGIC_SYSRQ is not set");
	return err ? err : write_small("alias", "h");
}

static int run_lockdown(void)
{
	int err = write_small(LOCKDOWN, "none");

	return err == EPERM || err == EINVAL ? impossible(err, "the level can only rise") : err;
}

/* struct perf_event_attr of linux/perf_event.h in its first version */
struct perf {
	uint32_t type, size;
	uint64_t config, period, sample_type, read_format, flags;
	uint32_t wakeup, bp_type;
	uint64_t bp_addr;
};

static pid_t prey = -1;

static const char *prepare_victim(void)
{
	prey = victim();
	return prey > 0 ? NULL : missing("the victim", ESRCH);
}

static int run_perf(void)
{
	struct perf p = { .type = 1 /* software */, .size = sizeof(p), .flags = 1 /* disabled */ };

	return syscall(SYS_perf_event_open, &p, prey, -1, -1, 8UL /* CLOEXEC */) < 0 ? errno : 0;
}

struct insn {
	uint8_t code, registers;
	int16_t off;
	int32_t imm;
};

#define REGISTERS(to, from) ((uint8_t)((to) | (from) << 4))

static long bpf(int command, void *attr, size_t size)
{
	return syscall(SYS_bpf, command, attr, size);
}

/* if (the current process is PID) write the word to the victim's place: bpf_probe_write_user() */
static long load_program(int32_t pid)
{
	const struct insn code[] = {
		{ 0x85, 0, 0, 14 },				/* r0 = current_pid_tgid() */
		{ 0x77, 0, 0, 32 },				/* r0 >>= 32 */
		{ 0x55, 0, 8, pid },				/* if (r0 != pid) goto out */
		{ 0x18, REGISTERS(1, 0), 0, 0x61637365 },	/* r1 = "esca" ... */
		{ 0, 0, 0, 0x00646570 },			/* ... "ped" */
		{ 0x7b, REGISTERS(10, 1), -8, 0 },		/* *(r10 - 8) = r1 */
		{ 0xb7, REGISTERS(1, 0), 0, (int)VICTIM_WORD }, /* r1 = place */
		{ 0xbf, REGISTERS(2, 10), 0, 0 },		/* r2 = r10 */
		{ 0x07, REGISTERS(2, 0), 0, -8 },		/* r2 -= 8 */
		{ 0xb7, REGISTERS(3, 0), 0, 8 },		/* r3 = 8 */
		{ 0x85, 0, 0, 36 },				/* probe_write_user(r1, r2, r3) */
		{ 0xb7, 0, 0, 0 },				/* out: r0 = 0 */
		{ 0x95, 0, 0, 0 },
	};
	const struct {
		uint32_t type, count;
		uint64_t code, license;
		uint32_t log_level, log_size;
		uint64_t log;
		uint32_t kern_version, flags;
	} attr = { 17 /* raw tracepoint */,
		   sizeof(code) / sizeof(code[0]),
		   (uintptr_t)code,
		   (uintptr_t) "GPL",
		   0,
		   0,
		   0,
		   0,
		   0 };

	return bpf(5 /* PROG_LOAD */, (void *)&attr, sizeof(attr));
}

static int run_bpf(void)
{
	char path[40], text[2000], *parent;
	struct {
		uint64_t name;
		uint32_t program;
	} attr = { (uintptr_t) "sys_enter", 0 };
	long fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)prey);
	if (read_small(path, text, sizeof(text)) < 0 || !(parent = strstr(text, "\nPPid:")))
		return ESRCH;
	/* the observer: the victim makes no system call, and its memory is the observer's as well */
	fd = load_program(atoi(parent + 6));
	if (fd < 0)
		return errno;
	attr.program = (uint32_t)fd;
	return bpf(17 /* RAW_TRACEPOINT_OPEN */, &attr, sizeof(attr)) < 0 ? errno : 0;
}

const struct attack raw_attacks[] = {
	{ "dev-mem", "open_port() of /dev/mem", NULL, run_mem, ITS_WORD },
	{ "dev-mem-node", "the same by a node of one's own", NULL, run_mem_node, ITS_WORD },
	{ "dev-kmem", "/dev/kmem", NULL, run_kmem, ITS_WORD },
	{ "dev-port", "/dev/port", NULL, run_port, ITS_WORD },
	{ "dev-msr", "msr_write()", NULL, run_msr, ITS_WORD },
	{ "dev-snapshot", "snapshot_open() to write", NULL, run_snapshot, ITS_WORD },
	{ "hibernate", "hibernation_available()", NULL, run_hibernate, ITS_WORD },
	{ "ioperm", "ksys_ioperm()", NULL, run_ioperm, ITS_WORD },
	{ "iopl", "iopl", NULL, run_iopl, ITS_WORD },
	{ "init-module", "init_module without a signature", NULL, run_init_module, ITS_WORD },
	{ "finit-module", "finit_module without a signature", NULL, run_finit_module, ITS_WORD },
	{ "kexec-load", "kexec_load", NULL, run_kexec_load, ITS_WORD },
	{ "kexec-file-load", "kexec_file_load", NULL, run_kexec_file, ITS_WORD },
	{ "debugfs", "debugfs_locked_down() to write", NULL, run_debugfs, ITS_WORD },
	{ "kprobe-events", "kprobe_events of tracefs", NULL, run_kprobe, ITS_WORD },
	{ "kprobe-events-bind", "kprobe_events of tracefs, by a bind of the file", NULL,
	  run_kprobe_bind, ITS_WORD },
	{ "acpi-table", "ACPI tables by configfs", NULL, run_acpi, ITS_WORD },
	{ "pci-config", "pci_write_config()", NULL, run_pci_config, ITS_WORD },
	{ "pci-ports", "pci_resource_io()", NULL, run_pci_ports, ITS_WORD },
	{ "serial-port", "uart_set_info(): TIOCSSERIAL", NULL, run_serial, ITS_WORD },
	{ "tiocsti", "tiocsti() at a terminal of a task outside", NULL, run_typing, ITS_WORD },
	{ "sysrq", "write_sysrq_trigger()", NULL, run_sysrq, ITS_WORD },
	{ "sysrq-bind", "write_sysrq_trigger(), by a bind of the file", NULL, run_sysrq_bind,
	  ITS_WORD },
	{ "lockdown-lower", "lockdown_write()", NULL, run_lockdown, ITS_WORD },
	{ "perf", "perf_event_open of a task outside", prepare_victim, run_perf, ITS_WORD },
	{ "bpf-write-user", "bpf_probe_write_user() to a task outside", prepare_victim, run_bpf,
	  0 },
	{ .name = NULL },
};
