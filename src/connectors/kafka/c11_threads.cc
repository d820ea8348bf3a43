// Only in builds with ThreadSanitizer: C11's threads and locks, by those of POSIX.
//
// librdkafka begins its threads and locks with C11's calls, of which ThreadSanitizer (GCC 12) knows
// nothing: a thread that it has not seen begin ends in SIGSEGV, and what passes from one thread to
// another under a lock that it has not seen looks like a race. The definitions here take the place
// of glibc's, whose types are made to hold those of POSIX.
#if defined(__SANITIZE_THREAD__)
#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <cstdint>
#include <memory>

namespace {

static_assert(sizeof(mtx_t) >= sizeof(pthread_mutex_t) && sizeof(cnd_t) >= sizeof(pthread_cond_t));

pthread_mutex_t* Mutex(mtx_t* mutex) {
  return reinterpret_cast<pthread_mutex_t*>(mutex);
}
pthread_cond_t* Condition(cnd_t* condition) {
  return reinterpret_cast<pthread_cond_t*>(condition);
}
int Outcome(int error) {
  return error == 0 ? thrd_success : error == ETIMEDOUT ? thrd_timedout : thrd_error;
}

struct Start {
  thrd_start_t run;
  void* argument;
};

void* Begin(void* given) {
  const std::unique_ptr<Start> start(static_cast<Start*>(given));
  return reinterpret_cast<void*>(static_cast<intptr_t>(start->run(start->argument)));
}

}  // namespace

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t run, void* argument) {
  auto start = std::make_unique<Start>(Start{run, argument});
  const int error = pthread_create(thread, nullptr, Begin, start.get());
  if (error == 0) start.release();
  return Outcome(error);
}

int thrd_join(thrd_t thread, int* result) {
  void* returned = nullptr;
  const int error = pthread_join(thread, &returned);
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<intptr_t>(returned));
  return Outcome(error);
}

void call_once(once_flag* done, void (*call)()) {
  pthread_once(reinterpret_cast<pthread_once_t*>(done), call);
}

int mtx_init(mtx_t* mutex, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  if ((type & mtx_recursive) != 0) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  const int error = pthread_mutex_init(Mutex(mutex), &attributes);
  pthread_mutexattr_destroy(&attributes);
  return Outcome(error);
}
int mtx_lock(mtx_t* mutex) {
  return Outcome(pthread_mutex_lock(Mutex(mutex)));
}
int mtx_unlock(mtx_t* mutex) {
  return Outcome(pthread_mutex_unlock(Mutex(mutex)));
}
void mtx_destroy(mtx_t* mutex) {
  pthread_mutex_destroy(Mutex(mutex));
}

int cnd_init(cnd_t* condition) {
  return Outcome(pthread_cond_init(Condition(condition), nullptr));
}
int cnd_signal(cnd_t* condition) {
  return Outcome(pthread_cond_signal(Condition(condition)));
}
int cnd_broadcast(cnd_t* condition) {
  return Outcome(pthread_cond_broadcast(Condition(condition)));
}
int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  return Outcome(pthread_cond_wait(Condition(condition), Mutex(mutex)));
}
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  return Outcome(pthread_cond_timedwait(Condition(condition), Mutex(mutex), until));
}
void cnd_destroy(cnd_t* condition) {
  pthread_cond_destroy(Condition(condition));
}

}  // extern "C"
#endif
