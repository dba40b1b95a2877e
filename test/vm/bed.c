// The bed: what a board does before its router starts. Loads modules, makes links, gives addresses, starts /init.
//
// The kernel runs it as process 1 (rdinit=/bed/init); it takes its steps from /bed/steps, one a line, and becomes
// /init, which so is process 1. A step that fails ends it, and with it the machine.
//
//   module FILE                  loads a kernel module
//   link NAME dummy              makes a link
//   link NAME vrf TABLE
//   link NAME vlan PARENT ID
//   link NAME bond               active-backup, looks at its slaves every 100 ms
//   enslave NAME MASTER
//   up NAME
//   down NAME
//   delete NAME
//   hardware NAME 02:00:00:00:00:00
//   configure FILE               puts /bed/FILE in the place of keepalived.conf and tells whoever started the step
//   address NAME A.B.C.D/LENGTH
//
// For check scripts in an image without tools: `/bed/init exists PATH` tells by its exit code whether PATH is there,
// `/bed/init kill-parent` kills whoever started it, `/bed/init step WORDS...` takes one more step.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/** A netlink request (rtnetlink(7)): header, fixed part, attributes. */
struct request {
  struct nlmsghdr header;
  union {
    struct ifinfomsg link;
    struct ifaddrmsg address;
    char bytes[512];
  } body;
};

static struct request request;

static void begin(int type, int flags, size_t fixed) {
  memset(&request, 0, sizeof request);
  request.header.nlmsg_type = type;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
  request.header.nlmsg_len = NLMSG_LENGTH(fixed);
}

/** Appends an attribute; without data it is the head of a nest that `end_nest` closes. */
static struct rtattr *put(int type, const void *data, size_t length) {
  struct rtattr *attribute = (struct rtattr *)((char *)&request + NLMSG_ALIGN(request.header.nlmsg_len));
  attribute->rta_type = type;
  attribute->rta_len = RTA_LENGTH(length);
  if (length > 0) memcpy(RTA_DATA(attribute), data, length);
  request.header.nlmsg_len = NLMSG_ALIGN(request.header.nlmsg_len) + RTA_ALIGN(attribute->rta_len);
  return attribute;
}

static void end_nest(struct rtattr *nest) {
  nest->rta_len = (char *)&request + request.header.nlmsg_len - (char *)nest;
}

/** Sends the request. Returns 0, or -1 with errno from the kernel's answer. */
static int ask(void) {
  struct {
    struct nlmsghdr header;
    struct nlmsgerr error;
    char rest[1024];
  } answer;
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return -1;
  int result = -1;
  if (send(fd, &request, request.header.nlmsg_len, 0) > 0 && recv(fd, &answer, sizeof answer, 0) > 0) {
    errno = -answer.error.error;
    result = answer.header.nlmsg_type == NLMSG_ERROR && answer.error.error == 0 ? 0 : -1;
  }
  close(fd);
  return result;
}

static int load_module(const char *file) {
  const int fd = open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  const int result = (int)syscall(SYS_finit_module, fd, "", 0);
  close(fd);
  return result;
}

static int make_link(const char *name, const char *kind, const char *first, const char *second) {
  begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof request.body.link);
  put(IFLA_IFNAME, name, strlen(name) + 1);
  if (strcmp(kind, "vlan") == 0) {
    const unsigned parent = if_nametoindex(first);
    if (parent == 0) return -1;
    put(IFLA_LINK, &parent, sizeof parent);
  }
  struct rtattr *info = put(IFLA_LINKINFO, NULL, 0);
  put(IFLA_INFO_KIND, kind, strlen(kind));
  struct rtattr *data = put(IFLA_INFO_DATA, NULL, 0);
  if (strcmp(kind, "vrf") == 0) {
    const unsigned table = (unsigned)atoi(first);
    put(IFLA_VRF_TABLE, &table, sizeof table);
  } else if (strcmp(kind, "vlan") == 0) {
    const unsigned short id = (unsigned short)atoi(second);
    put(IFLA_VLAN_ID, &id, sizeof id);
  } else if (strcmp(kind, "bond") == 0) {
    // BOND_MODE_ACTIVEBACKUP of linux/if_bonding.h, which does not go together with net/if.h.
    const unsigned char mode = 1;
    const unsigned every_ms = 100;
    put(IFLA_BOND_MODE, &mode, sizeof mode);
    put(IFLA_BOND_MIIMON, &every_ms, sizeof every_ms);
  }
  end_nest(data);
  end_nest(info);
  return ask();
}

static int change_link(const char *name, unsigned change, unsigned flags, const char *master) {
  begin(RTM_NEWLINK, 0, sizeof request.body.link);
  request.body.link.ifi_index = (int)if_nametoindex(name);
  if (request.body.link.ifi_index == 0) return -1;
  request.body.link.ifi_change = change;
  request.body.link.ifi_flags = flags;
  if (master != NULL) {
    const unsigned index = if_nametoindex(master);
    if (index == 0) return -1;
    put(IFLA_MASTER, &index, sizeof index);
  }
  return ask();
}

static int set_hardware(const char *name, const char *text) {
  unsigned char octets[6];
  if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &octets[0], &octets[1], &octets[2], &octets[3], &octets[4],
             &octets[5]) != 6) {
    return errno = EINVAL, -1;
  }
  begin(RTM_NEWLINK, 0, sizeof request.body.link);
  request.body.link.ifi_index = (int)if_nametoindex(name);
  put(IFLA_ADDRESS, octets, sizeof octets);
  return request.body.link.ifi_index == 0 ? -1 : ask();
}

/** The daemon starts scripts itself: it reads the file that stands there now. */
static int configure(const char *file) {
  char path[80];
  snprintf(path, sizeof path, "/bed/%s", file);
  return rename(path, "/etc/keepalived/keepalived.conf") == 0 ? kill(getppid(), SIGHUP) : -1;
}

static int delete_link(const char *name) {
  begin(RTM_DELLINK, 0, sizeof request.body.link);
  request.body.link.ifi_index = (int)if_nametoindex(name);
  return request.body.link.ifi_index == 0 ? -1 : ask();
}

static int add_address(const char *name, char *text) {
  char *slash = strchr(text, '/');
  struct in_addr address;
  if (slash == NULL) return errno = EINVAL, -1;
  *slash = 0;
  if (inet_pton(AF_INET, text, &address) != 1) return errno = EINVAL, -1;
  begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof request.body.address);
  request.body.address.ifa_family = AF_INET;
  request.body.address.ifa_prefixlen = (unsigned char)atoi(slash + 1);
  request.body.address.ifa_index = if_nametoindex(name);
  if (request.body.address.ifa_index == 0) return -1;
  put(IFA_LOCAL, &address, sizeof address);
  put(IFA_ADDRESS, &address, sizeof address);
  return ask();
}

static int take(int words, char word[5][64]) {
  if (words == 2 && strcmp(word[0], "module") == 0) return load_module(word[1]);
  if (words >= 3 && strcmp(word[0], "link") == 0) return make_link(word[1], word[2], word[3], word[4]);
  if (words == 3 && strcmp(word[0], "enslave") == 0) return change_link(word[1], 0, 0, word[2]);
  if (words == 2 && strcmp(word[0], "up") == 0) return change_link(word[1], IFF_UP, IFF_UP, NULL);
  if (words == 2 && strcmp(word[0], "down") == 0) return change_link(word[1], IFF_UP, 0, NULL);
  if (words == 2 && strcmp(word[0], "delete") == 0) return delete_link(word[1]);
  if (words == 2 && strcmp(word[0], "configure") == 0) return configure(word[1]);
  if (words == 3 && strcmp(word[0], "hardware") == 0) return set_hardware(word[1], word[2]);
  if (words == 3 && strcmp(word[0], "address") == 0) return add_address(word[1], word[2]);
  errno = EINVAL;
  return -1;
}

int main(int count, char **arguments) {
  if (count == 3 && strcmp(arguments[1], "exists") == 0) return access(arguments[2], F_OK) == 0 ? 0 : 1;
  if (count == 2 && strcmp(arguments[1], "kill-parent") == 0) return kill(getppid(), SIGKILL);
  char line[256], word[5][64] = {{0}};
  if (count >= 3 && count <= 7 && strcmp(arguments[1], "step") == 0) {
    for (int i = 2; i < count; i++) strncpy(word[i - 2], arguments[i], sizeof word[0] - 1);
    return take(count - 2, word) == 0 ? 0 : 1;
  }
  FILE *steps = fopen("/bed/steps", "re");
  if (steps == NULL) return perror("bed: /bed/steps"), 1;
  while (fgets(line, sizeof line, steps) != NULL) {
    line[strcspn(line, "\n")] = 0;
    memset(word, 0, sizeof word);
    const int words = sscanf(line, "%63s %63s %63s %63s %63s", word[0], word[1], word[2], word[3], word[4]);
    if (take(words, word) != 0) {
      printf("bed: %s: %s\n", line, strerror(errno));
      return 1;
    }
    printf("bed: done: %s\n", line);
  }
  fclose(steps);
  fflush(stdout);
  arguments[0] = "/init";
  execv("/init", arguments);
  perror("bed: /init");
  return 1;
}
