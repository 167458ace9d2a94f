// Tags by which one part of the platform knows what another has made.

/** On a KMS key that no role of the stack may decrypt under; the policy pack asks for the denial. */
export const SEALED_TAG = 'gatehouse:sealed';

/** On a table of which only these attributes may be read, separated by blanks; the pack holds roles to it. */
export const READABLE_TAG = 'gatehouse:readable';

/** On a table that no role of the stack may read; the pack holds roles to it. */
export const WRITE_ONLY_TAG = 'gatehouse:write-only';

/** On a table that the stack took over: it keeps the name that it had, which the policy pack allows no other. */
export const ADOPTED_TAG = 'gatehouse:adopted';
