// Names of hosts and users: from /etc/hosts, DNS and /etc/passwd, whatever /etc/nsswitch.conf says.
#include "glue.h"
#include <string.h>

// nss/nss.h of glibc; what it would otherwise load from the machine does not fit into a static program.
extern int __nss_configure_lookup(const char *database, const char *services);

void use_own_name_services(void) {
  static const char *const databases[] = {
    "passwd", "group", "shadow", "initgroups", "services", "protocols", "networks", "ethers", "rpc",
  };
  for (size_t i = 0; i < sizeof databases / sizeof *databases; i++) __nss_configure_lookup(databases[i], "files");
  __nss_configure_lookup("hosts", "files dns");
}
