// When somebody is told that an API key ends: the daily check, its alarm and its mails agree on it.

/** Days before the end of a key from which it counts as expiring. */
export const EXPIRING_DAYS = 7;

/** Days before the end on which the owner is written to, where the stack may send mail. */
export const MAIL_DAYS: readonly number[] = [EXPIRING_DAYS, 3, 1];

/** Environment of the check. */
export const EXPIRY_ENV = {
  /** Name of the stack. */
  stack: 'STACK',
  /** Physical name of the table of API keys. */
  keysTable: 'KEYS_TABLE',
  /** Sender of the mails; without it nobody is written to. */
  mailFrom: 'MAIL_FROM',
} as const;

/** All that the check asks for of a key's record; never its hash. */
export const EXPIRY_ATTRIBUTES = [
  ...['keyId', 'item', 'owner', 'status', 'expiresAt', 'rotatedTo'],
] as const;
