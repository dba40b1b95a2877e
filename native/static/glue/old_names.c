// The names of stat and mknod in programs that were linked with a glibc before 2.33: a version comes first.
#include <sys/stat.h>

int glue_xstat(int version, const char *path, struct stat *result) {
  (void)version;
  return stat(path, result);
}

int glue_lxstat(int version, const char *path, struct stat *result) {
  (void)version;
  return lstat(path, result);
}

int glue_fxstat(int version, int descriptor, struct stat *result) {
  (void)version;
  return fstat(descriptor, result);
}

int glue_fxstatat(int version, int directory, const char *path, struct stat *result, int flags) {
  (void)version;
  return fstatat(directory, path, result, flags);
}

int glue_xmknod(int version, const char *path, mode_t mode, dev_t *device) {
  (void)version;
  return mknod(path, mode, *device);
}
