#pragma once
// The input files of a simulation, drawn from its dice: orders and payments (JSON or CSV lines with
// an event time), customers (upserts by id) and ledger (all kinds of changes by id).
//
// Files of one table follow each other in time, as the source reads them; within a file rows are at
// most three seconds out of order, so that no row is late whichever shard reads which file. Late
// rows are mixed in when `late_rows` says so, every time is there once, and all changes of an id
// are in one file.
#include <cstdint>

#include "sim/dice.h"
#include "sim/simulated_disk.h"

namespace rhei {

struct InputShape {
  int row_count = 100;  // of each table
  int file_count = 1;   // of each table
  bool late_rows = false;
  bool csv = false;
};

void PutInput(const InputShape& shape, Dice* dice, SimulatedDisk* disk);

}  // namespace rhei
