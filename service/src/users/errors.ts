// The directory's own error codes, on top of the kit's.
import { KIT_ERRORS, ServiceError, type ErrorKind, type Problem } from '../kit/errors';

export const USERS_ERRORS = {
  ...KIT_ERRORS,
  invalid_document: { status: 400, title: 'Invalid document' },
  client_id_unsupported: { status: 403, title: 'Client-generated ids are not supported' },
  unsupported_update: { status: 403, title: 'Unsupported update' },
  type_conflict: { status: 409, title: 'Wrong resource type' },
  id_conflict: { status: 409, title: 'Wrong resource id' },
  email_taken: { status: 409, title: 'E-mail address taken' },
  being_deleted: { status: 409, title: 'User is being deleted' },
  idempotency_in_use: { status: 409, title: 'Idempotency key in use' },
  version_mismatch: { status: 412, title: 'Version mismatch' },
  invalid_attribute: { status: 422, title: 'Invalid attribute' },
  idempotency_mismatch: { status: 422, title: 'Idempotency key used for another request' },
} as const satisfies Record<string, ErrorKind>;

export type UsersErrorCode = keyof typeof USERS_ERRORS;
export type UsersProblem = Problem<UsersErrorCode>;

/** A request that ends in one of the directory's codes. */
export class UsersError extends ServiceError<UsersErrorCode> {}
