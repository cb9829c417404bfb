# SPDX-License-Identifier: LGPL-2.1-or-later
# The policy `mounts` on a whole system. Read between ../../facts.awk and ../../judge.awk.

# The attacks of the test; what a stock system mounts is systemd's affair, and media are tests of their own.
/^log\.denied=/ && by_global($0) && field($0, "comm") ~ /^(mount|mv|run)$/ { next }
