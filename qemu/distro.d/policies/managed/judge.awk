# SPDX-License-Identifier: LGPL-2.1-or-later
# The policy `managed` on a whole system. Read between ../../facts.awk and ../../judge.awk.

function judge_manager(key, want, text) { tell(guest["manage." key] == want, text ": " want, guest["manage." key]) }

END {
	judge_manager("own", "global_manager//&unconfined (enforce)", "a management program is outside")
	judge_manager("init", "global//&unconfined (enforce)", "so is process 1")
	judge_manager("service", "global_system//&unconfined//&:application:unconfined (enforce)", "another service is inside, and management sees it")
	judge_manager("profiled", "global_system//&unconfined//&:application:/usr/sbin/chronyd (enforce)", "a service with a profile has it")
	judge_manager("layer", 3, "it sees the profiles of the layer")
	judge_manager("loads", "yes", "it loads policy into the namespace")
	judge_manager("replaces", "yes", "it replaces the layer")
}
