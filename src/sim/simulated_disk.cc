#include "sim/simulated_disk.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/check.h"

namespace rhei {
namespace {

constexpr size_t kSectorBytes = 512;

struct Inode;
using InodePtr = std::shared_ptr<Inode>;

// A change of a directory that is not durable yet.
struct EntryChange {
  std::string removed;  // empty: nothing
  std::string added;    // empty: nothing
  InodePtr inode;
};

struct Inode {
  bool is_directory = false;
  int64_t modified_micros = 0;
  // Files.
  std::string bytes;
  std::string durable;
  bool dirty = false;
  size_t dirty_from = 0;
  // Bytes that a failed Sync should have made durable and that were not written again: no later one
  // does, because the kernel has forgotten that they are not on the disk.
  size_t lost_from = 0;
  size_t lost_to = 0;
  bool sync_deferred = false;  // planted: to be done after the next rename
  // Directories.
  std::map<std::string, InodePtr> entries;
  std::map<std::string, InodePtr> durable_entries;
  std::vector<EntryChange> changes;
};

InodePtr MakeDirectoryInode() {
  auto inode = std::make_shared<Inode>();
  inode->is_directory = true;
  return inode;
}

std::vector<std::string> PartsOf(std::string_view path) {
  std::vector<std::string> parts;
  size_t at = 0;
  while (at < path.size()) {
    const size_t end = std::min(path.find('/', at), path.size());
    if (end > at) parts.emplace_back(path.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

void Change(Inode* directory, const EntryChange& change) {
  const auto apply = [&](std::map<std::string, InodePtr>* entries) {
    if (!change.removed.empty()) entries->erase(change.removed);
    if (!change.added.empty()) (*entries)[change.added] = change.inode;
  };
  apply(&directory->entries);
  directory->changes.push_back(change);
}

void MakeEntriesDurable(Inode* directory) {
  directory->durable_entries = directory->entries;
  directory->changes.clear();
}

}  // namespace

struct SimulatedDisk::Impl {
  explicit Impl(uint64_t seed) : dice(seed, 0xd15c), root(MakeDirectoryInode()) {}

  Dice dice;
  InodePtr root;
  Clock* clock = nullptr;
  uint64_t process = 0;  // of the live one; 0 when none lives
  uint64_t process_count = 0;
  bool power_was_lost = false;  // that is how the last process ended
  std::set<std::string> locks;
  std::vector<DiskFault> faults;
  DiskPlant plant;
  bool read_short = false;
  uint64_t full_until = 0;
  uint64_t operations = 0;
  uint64_t trace = 0;
  std::vector<std::string> struck;

  void Note(std::string_view what, std::string_view path, uint64_t number) {
    uint64_t mixed = trace ^ number;
    for (const char c : what) mixed = mixed * 0x100000001b3u + static_cast<uint8_t>(c);
    for (const char c : path) mixed = mixed * 0x100000001b3u + static_cast<uint8_t>(c);
    trace = Dice::Mix(mixed);
  }

  // -- Operations ------------------------------------------------------------------------------

  static Status Dead(std::string_view path) {
    return IoError(fmt::format("{}: the process is dead", path));
  }

  // Counts an operation; not ok: a fault struck, or the process is dead.
  Status Begin(uint64_t of_process, std::string_view what, std::string_view path,
               bool needs_room = false, uint64_t number = 0) {
    if (of_process != process) return Dead(path);
    ++operations;
    Note(what, path, number);
    for (const DiskFault& fault : faults) {
      if (fault.operation != operations) continue;
      if (Status status = Strike(fault, what, path); !status.ok()) return status;
    }
    if (needs_room && operations < full_until) {
      return {ErrorCode::kResource, fmt::format("{}: {}: no space left", path, what)};
    }
    return {};
  }

  Status Strike(const DiskFault& fault, std::string_view what, std::string_view path) {
    const auto say = [&](std::string_view how) {
      struck.push_back(fmt::format("operation {}: {} at {} {}", operations, how, what, path));
    };
    switch (fault.kind) {
      case DiskFaultKind::kKill: say("killed"); break;
      case DiskFaultKind::kPower: say("power lost"); break;
      case DiskFaultKind::kError:
        say("failed");
        return IoError(fmt::format("{}: {}: input/output error", path, what));
      case DiskFaultKind::kFull:
        say(fmt::format("full for {} operations", fault.length));
        full_until = operations + fault.length;
        return {};
    }
    End(fault.kind == DiskFaultKind::kPower);
    return Dead(path);
  }

  void End(bool power_is_lost) {
    process = 0;
    power_was_lost = power_is_lost;
    locks.clear();
    if (power_is_lost) Survive(root.get());
  }

  // -- Power loss ------------------------------------------------------------------------------

  enum class Fate : uint8_t { kLost, kKept, kUpTo, kSome };
  Fate DrawFate() { return static_cast<Fate>(dice.Below(4)); }

  void Survive(Inode* inode) {
    if (!inode->is_directory) {
      SurviveFile(inode);
      return;
    }
    SurviveEntries(inode);
    for (const auto& [name, child] : inode->entries) Survive(child.get());
  }

  void SurviveEntries(Inode* directory) {
    const size_t count = directory->changes.size();
    if (count > 0) {
      const Fate fate = DrawFate();
      const size_t kept_before = fate == Fate::kUpTo ? dice.Below(count + 1) : count;
      directory->entries = directory->durable_entries;
      for (size_t at = 0; at < count; ++at) {
        const EntryChange& change = directory->changes[at];
        if (fate == Fate::kLost || at >= kept_before) continue;
        if (fate == Fate::kSome && dice.Chance(50)) continue;
        // What it removes may already be another file's name.
        const auto removed = directory->entries.find(change.removed);
        if (removed != directory->entries.end() && removed->second == change.inode) {
          directory->entries.erase(removed);
        }
        if (!change.added.empty()) directory->entries[change.added] = change.inode;
      }
    }
    MakeEntriesDurable(directory);
  }

  // What is on its way to the disk.
  static std::string WithoutLost(const Inode& file) {
    std::string bytes = file.bytes;
    for (size_t i = file.lost_from; i < std::min(file.lost_to, bytes.size()); ++i) {
      bytes[i] = i < file.durable.size() ? file.durable[i] : '\0';
    }
    return bytes;
  }

  void SurviveFile(Inode* file) {
    file->bytes = WithoutLost(*file);
    if (file->dirty) {
      const Fate fate = DrawFate();
      if (fate == Fate::kLost) file->bytes = file->durable;
      if (fate == Fate::kUpTo) CutFile(file);
      if (fate == Fate::kSome) MixSectors(file);
    }
    file->durable = file->bytes;
    file->dirty = file->sync_deferred = false;
    file->lost_from = file->lost_to = 0;
  }

  // The length became durable up to some byte; what came later is lost.
  void CutFile(Inode* file) {
    size_t same = 0;
    const size_t shorter = std::min(file->bytes.size(), file->durable.size());
    while (same < shorter && file->bytes[same] == file->durable[same]) ++same;
    if (file->bytes.size() >= same) {
      file->bytes.resize(same + dice.Below(file->bytes.size() - same + 1));
    }
  }

  // Each sector is the new or the old one; where there was no old one, zeros or rubbish.
  void MixSectors(Inode* file) {
    for (size_t at = 0; at < file->bytes.size(); at += kSectorBytes) {
      if (dice.Chance(50)) continue;
      const bool rubbish = dice.Chance(25);
      const size_t end = std::min(at + kSectorBytes, file->bytes.size());
      for (size_t i = at; i < end; ++i) {
        const char never_written = rubbish ? static_cast<char>(dice.Next()) : '\0';
        file->bytes[i] = i < file->durable.size() ? file->durable[i] : never_written;
      }
    }
  }

  // -- Paths -----------------------------------------------------------------------------------

  InodePtr Find(std::string_view path) const {
    InodePtr at = root;
    for (const std::string& part : PartsOf(path)) {
      if (!at->is_directory) return nullptr;
      const auto found = at->entries.find(part);
      if (found == at->entries.end()) return nullptr;
      at = found->second;
    }
    return at;
  }

  // The directory that holds, or would hold, the last name of the path; null when there is none.
  InodePtr ParentOf(std::string_view path, std::string* name) const {
    std::vector<std::string> parts = PartsOf(path);
    if (parts.empty()) return nullptr;
    *name = parts.back();
    InodePtr at = root;
    for (size_t i = 0; i + 1 < parts.size(); ++i) {
      const auto found = at->entries.find(parts[i]);
      if (found == at->entries.end() || !found->second->is_directory) return nullptr;
      at = found->second;
    }
    return at;
  }

  int64_t now_micros() const { return clock == nullptr ? 0 : clock->WallMicros(); }

  // -- What operations do ----------------------------------------------------------------------

  void SyncFile(Inode* file, std::string_view path) {
    if (plant.ignore_sync) return;
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const bool temporary = name.starts_with('.') || name.ends_with(".tmp");
    if (plant.sync_after_rename && temporary) {
      file->sync_deferred = true;
      return;
    }
    SyncNow(file);
  }
  static void SyncNow(Inode* file) {
    file->sync_deferred = false;
    file->durable = WithoutLost(*file);
    file->dirty = false;
  }

  Status Move(uint64_t of_process, const std::string& from, const std::string& to, bool replace) {
    RETURN_IF_ERROR(Begin(of_process, replace ? "Rename" : "RenameNoReplace", from + " " + to));
    std::string from_name, to_name;
    const InodePtr from_parent = ParentOf(from, &from_name);
    const InodePtr to_parent = ParentOf(to, &to_name);
    if (from_parent == nullptr || to_parent == nullptr) return Missing(from);
    const auto found = from_parent->entries.find(from_name);
    if (found == from_parent->entries.end()) return Missing(from);
    const InodePtr inode = found->second;
    const auto target = to_parent->entries.find(to_name);
    if (target != to_parent->entries.end()) {
      if (!replace) return IoError(to + ": exists");
      if (target->second == inode) return {};
      const Inode& old = *target->second;
      if (old.is_directory != inode->is_directory || (old.is_directory && !old.entries.empty())) {
        return IoError(to + ": cannot be replaced");
      }
    }
    if (from_parent == to_parent) {
      Change(to_parent.get(), {from_name, to_name, inode});
    } else {
      Change(from_parent.get(), {from_name, "", inode});
      Change(to_parent.get(), {"", to_name, inode});
    }
    if (inode->sync_deferred) {
      RETURN_IF_ERROR(Begin(of_process, "Sync", to));
      SyncNow(inode.get());
    }
    return {};
  }

  static Status Missing(std::string_view path) {
    return NotFound(fmt::format("{}: cannot open: No such file or directory", path));
  }

  // Planted: removes the first other file beside `path`.
  void SweepSibling(const std::string& path) {
    if (plant.sweep_sibling_of.empty() || path.find(plant.sweep_sibling_of) == std::string::npos) {
      return;
    }
    std::string name;
    const InodePtr parent = ParentOf(path, &name);
    if (parent == nullptr) return;
    for (const auto& [other, inode] : parent->entries) {
      if (other == name || inode->is_directory) continue;
      Change(parent.get(), {other, "", inode});
      return;
    }
  }
};

class SimulatedDisk::Reader final : public RandomAccessFile {
 public:
  Reader(Impl* disk, uint64_t process, std::string path, InodePtr inode)
      : disk_(disk), process_(process), path_(std::move(path)), inode_(std::move(inode)) {}

  Result<size_t> ReadAt(uint64_t offset, char* out, size_t size) override {
    RETURN_IF_ERROR(disk_->Begin(process_, "ReadAt", path_, false, offset));
    if (offset >= inode_->bytes.size()) return size_t{0};
    size_t count = std::min<size_t>(size, inode_->bytes.size() - static_cast<size_t>(offset));
    if (disk_->read_short && count > 1 && disk_->dice.Chance(30)) {
      count = 1 + disk_->dice.Below(count - 1);
    }
    inode_->bytes.copy(out, count, static_cast<size_t>(offset));
    return count;
  }

 private:
  Impl* disk_;
  uint64_t process_;
  std::string path_;
  InodePtr inode_;
};

class SimulatedDisk::Writer final : public WritableFile {
 public:
  Writer(Impl* disk, uint64_t process, std::string path, InodePtr inode, bool append)
      : disk_(disk),
        process_(process),
        path_(std::move(path)),
        inode_(std::move(inode)),
        append_(append) {}

  // A prefix may be on the disk when the operation does not come to its end. All is written first,
  // so that a power loss treats it as any byte that is not synced.
  Status Append(std::string_view bytes) override {
    if (process_ != disk_->process) return Impl::Dead(path_);
    const size_t at = append_ ? inode_->bytes.size() : position_;
    Write(at, bytes);
    Status status = disk_->Begin(process_, "Append", path_, true, bytes.size());
    if (status.ok()) {
      inode_->modified_micros = disk_->now_micros();
    } else if (!disk_->power_was_lost) {
      inode_->bytes.resize(at + disk_->dice.Below(bytes.size() + 1));
      position_ = inode_->bytes.size();
    }
    return status;
  }

  Status Sync() override {
    const uint64_t alive = disk_->process;
    Status status = disk_->Begin(process_, "Sync", path_);
    if (status.ok()) {
      disk_->SyncFile(inode_.get(), path_);
    } else if (process_ == alive && disk_->process == alive && inode_->dirty) {
      const bool any = inode_->lost_to > inode_->lost_from;
      inode_->lost_from =
          any ? std::min(inode_->lost_from, inode_->dirty_from) : inode_->dirty_from;
      inode_->lost_to = inode_->bytes.size();
      inode_->dirty = false;
    }
    return status;
  }

  Status Close() override { return disk_->Begin(process_, "Close", path_); }

 private:
  void Write(size_t at, std::string_view bytes) {
    if (inode_->bytes.size() < at + bytes.size()) inode_->bytes.resize(at + bytes.size());
    inode_->bytes.replace(at, bytes.size(), bytes);
    position_ = at + bytes.size();
    inode_->dirty_from = inode_->dirty ? std::min(inode_->dirty_from, at) : at;
    inode_->dirty = true;
  }

  Impl* disk_;
  uint64_t process_;
  std::string path_;
  InodePtr inode_;
  const bool append_;
  size_t position_ = 0;
};

class SimulatedDisk::HeldLock final : public FileSystem::Lock {
 public:
  HeldLock(Impl* disk, uint64_t process, std::string path)
      : disk_(disk), process_(process), path_(std::move(path)) {}
  ~HeldLock() override {
    if (disk_->process == process_) disk_->locks.erase(path_);
  }

 private:
  Impl* disk_;
  uint64_t process_;
  std::string path_;
};

class SimulatedDisk::View final : public FileSystem {
 public:
  View(Impl* disk, uint64_t process) : disk_(disk), process_(process) {}

  Result<std::unique_ptr<RandomAccessFile>> OpenForRead(const std::string& path) override {
    RETURN_IF_ERROR(disk_->Begin(process_, "OpenForRead", path));
    ASSIGN_OR_RETURN(InodePtr inode, FindFile(path));
    return std::unique_ptr<RandomAccessFile>(
        std::make_unique<Reader>(disk_, process_, path, std::move(inode)));
  }

  Result<std::unique_ptr<WritableFile>> Create(const std::string& path, bool truncate) override {
    RETURN_IF_ERROR(disk_->Begin(process_, "Create", path, true));
    std::string name;
    const InodePtr parent = disk_->ParentOf(path, &name);
    if (parent == nullptr) return Impl::Missing(path);
    InodePtr inode;
    if (const auto found = parent->entries.find(name); found != parent->entries.end()) {
      if (!truncate) return IoError(path + ": exists");
      inode = found->second;
      if (inode->is_directory) return IoError(path + ": cannot create: is a directory");
      inode->bytes.clear();
      inode->dirty = true;
      inode->sync_deferred = false;
      inode->dirty_from = inode->lost_from = inode->lost_to = 0;
    } else {
      inode = std::make_shared<Inode>();
      Change(parent.get(), {"", name, inode});
    }
    inode->modified_micros = disk_->now_micros();
    disk_->SweepSibling(path);
    return std::unique_ptr<WritableFile>(
        std::make_unique<Writer>(disk_, process_, path, std::move(inode), false));
  }

  Result<std::unique_ptr<WritableFile>> OpenForAppend(const std::string& path) override {
    RETURN_IF_ERROR(disk_->Begin(process_, "OpenForAppend", path));
    ASSIGN_OR_RETURN(InodePtr inode, FindFile(path));
    return std::unique_ptr<WritableFile>(
        std::make_unique<Writer>(disk_, process_, path, std::move(inode), true));
  }

  Result<FileInfo> Stat(const std::string& path) override {
    RETURN_IF_ERROR(disk_->Begin(process_, "Stat", path));
    const InodePtr inode = disk_->Find(path);
    if (inode == nullptr) return Impl::Missing(path);
    return InfoOf(path, *inode);
  }

  Result<std::vector<FileInfo>> List(const std::string& directory) override {
    RETURN_IF_ERROR(disk_->Begin(process_, "List", directory));
    const InodePtr inode = disk_->Find(directory);
    if (inode == nullptr) return Impl::Missing(directory);
    if (!inode->is_directory) return IoError(directory + ": cannot list: not a directory");
    std::vector<FileInfo> found;
    for (const auto& [name, child] : inode->entries) {
      found.push_back(InfoOf(directory + (directory.ends_with('/') ? "" : "/") + name, *child));
    }
    return found;
  }

  Status MakeDirectories(const std::string& path) override {
    RETURN_IF_ERROR(disk_->Begin(process_, "MakeDirectories", path, true));
    InodePtr at = disk_->root;
    for (const std::string& part : PartsOf(path)) {
      auto found = at->entries.find(part);
      if (found == at->entries.end()) {
        Change(at.get(), {"", part, MakeDirectoryInode()});
        found = at->entries.find(part);
      }
      if (!found->second->is_directory) return IoError(path + ": not a directory");
      at = found->second;
    }
    return {};
  }

  Status Remove(const std::string& path) override {
    RETURN_IF_ERROR(disk_->Begin(process_, "Remove", path));
    std::string name;
    const InodePtr parent = disk_->ParentOf(path, &name);
    if (parent == nullptr || !parent->entries.contains(name)) return Impl::Missing(path);
    const InodePtr inode = parent->entries[name];
    if (inode->is_directory && !inode->entries.empty()) {
      return IoError(path + ": cannot remove: directory not empty");
    }
    Change(parent.get(), {name, "", inode});
    return {};
  }

  Status Rename(const std::string& from, const std::string& to) override {
    return disk_->Move(process_, from, to, true);
  }
  Status RenameNoReplace(const std::string& from, const std::string& to) override {
    return disk_->Move(process_, from, to, false);
  }

  Status Truncate(const std::string& path, int64_t bytes) override {
    RETURN_IF_ERROR(disk_->Begin(process_, "Truncate", path, false, static_cast<uint64_t>(bytes)));
    ASSIGN_OR_RETURN(const InodePtr inode, FindFile(path));
    const auto length = static_cast<size_t>(bytes);
    inode->dirty_from =
        std::min(inode->dirty ? inode->dirty_from : length, std::min(length, inode->bytes.size()));
    inode->dirty = true;
    inode->bytes.resize(length);
    inode->lost_to = std::min(inode->lost_to, length);
    inode->modified_micros = disk_->now_micros();
    return {};
  }

  Status SyncDirectory(const std::string& path) override {
    RETURN_IF_ERROR(disk_->Begin(process_, "SyncDirectory", path));
    const InodePtr inode = disk_->Find(path);
    if (inode == nullptr) return Impl::Missing(path);
    if (!inode->is_directory) return IoError(path + ": cannot open directory: not a directory");
    if (!disk_->plant.ignore_sync) MakeEntriesDurable(inode.get());
    return {};
  }

  Result<std::unique_ptr<Lock>> LockFile(const std::string& path) override {
    RETURN_IF_ERROR(disk_->Begin(process_, "LockFile", path, true));
    std::string name;
    const InodePtr parent = disk_->ParentOf(path, &name);
    if (parent == nullptr) return Impl::Missing(path);
    if (!parent->entries.contains(name)) {
      Change(parent.get(), {"", name, std::make_shared<Inode>()});
    }
    if (!disk_->locks.insert(path).second) return IoError(path + ": held by another process");
    return std::unique_ptr<Lock>(std::make_unique<HeldLock>(disk_, process_, path));
  }

 private:
  Result<InodePtr> FindFile(const std::string& path) const {
    InodePtr inode = disk_->Find(path);
    if (inode == nullptr) return Impl::Missing(path);
    if (inode->is_directory) return IoError(path + ": cannot open: is a directory");
    return inode;
  }
  static FileInfo InfoOf(const std::string& path, const Inode& inode) {
    return {path, static_cast<int64_t>(inode.bytes.size()), inode.modified_micros,
            inode.is_directory};
  }

  Impl* disk_;
  uint64_t process_;
};

SimulatedDisk::SimulatedDisk(uint64_t seed) : impl_(std::make_unique<Impl>(seed)) {}
SimulatedDisk::~SimulatedDisk() = default;

std::unique_ptr<FileSystem> SimulatedDisk::Boot(Clock* clock) {
  impl_->locks.clear();
  impl_->power_was_lost = false;
  impl_->clock = clock;
  impl_->process = ++impl_->process_count;
  return std::make_unique<View>(impl_.get(), impl_->process);
}

void SimulatedDisk::Kill() {
  impl_->End(false);
}
void SimulatedDisk::LosePower() {
  impl_->End(true);
}
bool SimulatedDisk::process_is_dead() const {
  return impl_->process == 0;
}
void SimulatedDisk::Plan(std::vector<DiskFault> faults) {
  impl_->faults = std::move(faults);
}
void SimulatedDisk::Plant(DiskPlant plant) {
  impl_->plant = std::move(plant);
}
void SimulatedDisk::ReadShort(bool on) {
  impl_->read_short = on;
}

void SimulatedDisk::Put(const std::string& path, std::string_view bytes, int64_t modified_micros) {
  InodePtr at = impl_->root;
  const std::vector<std::string> parts = PartsOf(path);
  for (size_t i = 0; i < parts.size(); ++i) {
    InodePtr& child = at->entries[parts[i]];
    if (child == nullptr) {
      child = std::make_shared<Inode>();
      child->is_directory = i + 1 < parts.size();
    }
    at->durable_entries[parts[i]] = child;
    at = child;
  }
  at->bytes = at->durable = bytes;
  at->modified_micros = modified_micros;
}

std::map<std::string, std::string> SimulatedDisk::Files(const std::string& directory) const {
  std::map<std::string, std::string> files;
  const InodePtr inode = impl_->Find(directory);
  if (inode == nullptr) return files;
  for (const auto& [name, child] : inode->entries) {
    const std::string path = directory + (directory.ends_with('/') ? "" : "/") + name;
    if (child->is_directory) {
      files.merge(Files(path));
    } else {
      files[path] = child->bytes;
    }
  }
  return files;
}

void SimulatedDisk::Wipe(const std::string& directory) {
  const InodePtr inode = impl_->Find(directory);
  if (inode == nullptr) return;
  inode->entries.clear();
  MakeEntriesDurable(inode.get());
}

void SimulatedDisk::FlipBit(const std::string& path, uint64_t bit) {
  const InodePtr inode = impl_->Find(path);
  CHECK(inode != nullptr && bit / 8 < inode->bytes.size());
  inode->bytes[bit / 8] = static_cast<char>(inode->bytes[bit / 8] ^ (1 << (bit % 8)));
  inode->durable = inode->bytes;
}

uint64_t SimulatedDisk::operation_count() const {
  return impl_->operations;
}
uint64_t SimulatedDisk::trace() const {
  return impl_->trace;
}
const std::vector<std::string>& SimulatedDisk::struck() const {
  return impl_->struck;
}

}  // namespace rhei
