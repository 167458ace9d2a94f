// An entry that is never started.
export {};
