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
  too_many_exports: { status: 503, title: 'Too many exports at once' },
} as const satisfies Record<string, ErrorKind>;

export type UsersErrorCode = keyof typeof USERS_ERRORS;
export type UsersProblem = Problem<UsersErrorCode>;

/** A request that ends in one of the directory's codes. */
export class UsersError extends ServiceError<UsersErrorCode> {}

export function notFound(): UsersError {
  return new UsersError({ code: 'not_found', detail: 'There is no user with this id.' });
}

export function versionMismatch(): UsersError {
  return new UsersError({
    code: 'version_mismatch',
    detail: 'The user was changed since it was read. Read it again and repeat the change.',
    source: { header: 'If-Match' },
  });
}

/** @param fields Those that are not as they are; one at least. */
export function readOnlyChanged(fields: readonly string[]): UsersError {
  const [first, ...rest] = fields.map((field) => ({
    code: 'unsupported_update' as const,
    detail: `${field} is set by the service: leave it out, or send it as it is.`,
    source: { pointer: `/data/attributes/${field}` },
  }));
  return new UsersError([first as UsersProblem, ...rest]);
}

export function emailTaken(): UsersError {
  return new UsersError({
    code: 'email_taken',
    detail: 'Another user has this e-mail address (upper and lower case are the same).',
    source: { pointer: '/data/attributes/email' },
  });
}

export function beingDeleted(): UsersError {
  return new UsersError({
    code: 'being_deleted',
    detail: 'The user is being deleted and cannot be changed any more.',
  });
}

export function changedMeanwhile(): UsersError {
  return new UsersError(
    {
      code: 'dependency_unavailable',
      detail: 'Others keep changing this user. Nothing was written; try again.',
    },
    { retryAfterSeconds: 1 },
  );
}

export function idempotencyInUse(): UsersError {
  return new UsersError({
    code: 'idempotency_in_use',
    detail:
      'The user that this Idempotency-Key made is not there any more. Send a new key to make another.',
    source: { header: 'Idempotency-Key' },
  });
}

export function idempotencyMismatch(): UsersError {
  return new UsersError({
    code: 'idempotency_mismatch',
    detail:
      'This Idempotency-Key was used for a user with other attributes. Send a new key with a new request.',
    source: { header: 'Idempotency-Key' },
  });
}

export function tooManyExports(retryAfterSeconds: number): UsersError {
  return new UsersError(
    {
      code: 'too_many_exports',
      detail:
        'As many exports are under way as this task runs at once, or as one key may. Read those to their end, or try again.',
    },
    { retryAfterSeconds },
  );
}
