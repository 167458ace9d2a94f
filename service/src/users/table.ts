// The tables of users and of their credentials, and the encryption: names that code and rights must agree on.

/** Users: one item a user, and helper items (an e-mail's reservation, an idempotency record). */
export const USERS_TABLE = {
  /** Partition key: the user's UUID, or `<kind>#<value>` for a helper item. */
  partitionKey: 'id',
  /** TTL attribute, epoch seconds; only helper items carry it. */
  ttlAttribute: 'purgeAt',
  /**
   * Index by normalised e-mail address. Helper items have no `email` and so stay out of it: a scan
   * of the index yields users only.
   */
  emailIndex: {
    name: 'by-email',
    partitionKey: 'email',
    projectedAttributes: ['name', 'createdAt', 'updatedAt', 'version'],
  },
  /**
   * Every attribute that the service names, in a read, a write or its condition; IAM holds it to these.
   * `userId` and `requestHash` are those of helper items, `credentialsKey` is the ARN of a user's
   * own KMS key, `deleting` marks a user whose key is being scheduled for deletion.
   */
  attributes: [
    'id',
    'email',
    'name',
    'createdAt',
    'updatedAt',
    'version',
    'credentialsKey',
    'deleting',
    'userId',
    'requestHash',
    'purgeAt',
  ],
} as const;

/**
 * Credentials, one item a user that has some: ciphertext, which the service writes and has no action
 * to read. In the table of users a write could copy it into an attribute that may be read.
 */
export const CREDENTIALS_TABLE = {
  /** Partition key: the user's UUID. */
  partitionKey: 'id',
  attributes: ['id', 'ciphertext'],
} as const;

/**
 * Encryption context of credentials: KMS refuses to decrypt without the very same, so a grant to
 * decrypt can be limited to one user and to this purpose.
 */
export const CREDENTIALS_CONTEXT = {
  /** Context key whose value is the user's id. */
  userKey: 'user',
  /** Context key whose value is {@link CREDENTIALS_CONTEXT.purpose}. */
  purposeKey: 'purpose',
  purpose: 'credentials',
} as const;

/** Tag by which IAM tells the KMS keys of a stack's users from all others. */
export const STACK_TAG_KEY = 'gatehouse:stack';
/** Tag with the id of the user whom a key is for. */
export const USER_TAG_KEY = 'gatehouse:user';
