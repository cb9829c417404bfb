# SPDX-License-Identifier: LGPL-2.1-or-later
# The policy `users` on a whole system: what the roles refuse is not the distribution's. Read between ../../facts.awk and ../../judge.awk.

/^log\.denied=/ && field($0, "profile") ~ /^(default_user|confined_user|su|login|sshd)(\/\/|$)/ && field($0, "namespace") ~ /application$/ { next }
