// Variables of the directory's own.
import { functionVariable, keyVariable, tableVariable } from '../../../contracts/workload';
import type { EnvReader } from '../kit/config';

export type CredentialKeys = 'shared' | 'per-user';

/** What the directory is told besides what any service is. */
export interface UsersConfig {
  /** Name of the users table. */
  readonly usersTable: string;
  /** Name of the table of their credentials. */
  readonly credentialsTable: string;
  /** ARN of the KMS key that encrypts credentials (mode `shared`), or that is the template of policies. */
  readonly credentialsKeyArn: string;
  /** `shared`: one key for all users. `per-user`: a key made for each user, which dies with it. @default shared */
  readonly credentialKeys: CredentialKeys;
  /** Name of the function that makes and ends users' own keys; mode `per-user` needs it. */
  readonly keyKeeper: string | undefined;
}

const CREDENTIAL_KEYS = ['shared', 'per-user'] as const;

/** Reads them; what is wrong is added to the reader's problems. */
export function readUsersConfig(reader: EnvReader): UsersConfig {
  const credentialKeys = reader.oneOf('CREDENTIAL_KEYS', CREDENTIAL_KEYS, 'shared');
  const keeper = functionVariable('key-keeper');
  return {
    usersTable: reader.required(tableVariable('users'), 'the name of the users table'),
    credentialsTable: reader.required(
      tableVariable('credentials'),
      'the name of the table of credentials',
    ),
    credentialsKeyArn: reader.required(keyVariable('credentials'), 'the ARN of the KMS key'),
    credentialKeys,
    keyKeeper:
      credentialKeys === 'per-user'
        ? reader.required(keeper, "the name of the function that makes users' own keys")
        : reader.optional(keeper),
  };
}
