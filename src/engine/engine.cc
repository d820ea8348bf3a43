#include "engine/engine.h"

#include "connectors/builtin.h"
#include "runtime/worker_pool.h"

namespace rhei {

Engine::Engine(const EngineOptions& options)
    : env_(options.env),
      cores_(options.cores),
      state_directory_(options.state_directory),
      pool_("process", options.memory_bytes) {
  AddBuiltinConnectors(&connectors_);
  if (options.scheduler == nullptr) {
    owned_scheduler_ = std::make_unique<WorkerPool>(cores_, env_);
    scheduler_ = owned_scheduler_.get();
  } else {
    scheduler_ = options.scheduler;
  }
}

Engine::~Engine() = default;

void Engine::AddConnector(std::unique_ptr<ConnectorFactory> factory) {
  connectors_.Add(factory.get());
  owned_.push_back(std::move(factory));
}

}  // namespace rhei
