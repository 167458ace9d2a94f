// The users resource as schemas: the same ones validate requests and make the OpenAPI document.
import { z } from '@hono/zod-openapi';
import { MAX_EMAIL_CHARACTERS, normaliseEmail } from './email';

export const MAX_NAME_CHARACTERS = 200;
/** KMS encrypts at most 4,096 bytes at once (KMS API, Encrypt). */
export const MAX_CREDENTIALS_BYTES = 4096;
export const MAX_PAGE_SIZE = 100;
export const DEFAULT_PAGE_SIZE = 20;
export const MAX_SEGMENTS = 32;
export const DEFAULT_SEGMENTS = 4;
export const USER_FIELDS = ['name', 'email', 'createdAt', 'updatedAt'] as const;
export type UserField = (typeof USER_FIELDS)[number];
/** What the service sets itself. */
export const READ_ONLY_FIELDS = ['createdAt', 'updatedAt'] as const;

const EMAIL_ERROR = `must be an e-mail address of at most ${MAX_EMAIL_CHARACTERS} characters`;
const email = z
  .string({ error: EMAIL_ERROR })
  .max(MAX_EMAIL_CHARACTERS, { error: EMAIL_ERROR })
  .transform((text, context) => {
    const normalised = normaliseEmail(text);
    if (normalised === undefined) context.addIssue({ code: 'custom', message: EMAIL_ERROR });
    return normalised ?? z.NEVER;
  })
  .openapi({
    type: 'string',
    format: 'email',
    description:
      'Stored without blanks around it, composed (NFC), in lower case, its domain in ASCII; unique among all users in that form.',
    example: 'ana@example.com',
  });

const NAME_ERROR = `must be a text of 1 to ${MAX_NAME_CHARACTERS} characters without control or invisible ones`;
/** Characters that nobody sees; but for joiners and variants, which scripts and emoji are written with. */
const UNSEEN =
  /(?!\u200c|\u200d|\p{Variation_Selector})[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const SEEN = /[^\p{Z}\p{Default_Ignorable_Code_Point}]/u;
const name = z
  .string({ error: NAME_ERROR })
  .trim()
  .min(1, { error: NAME_ERROR, abort: true })
  .max(MAX_NAME_CHARACTERS, { error: NAME_ERROR })
  .refine((text) => SEEN.test(text) && !UNSEEN.test(text), { error: NAME_ERROR })
  .openapi({ description: 'Stored without blanks around it.', example: 'Ana Kovač' });

const CREDENTIALS_ERROR = `must be a text of 1 to ${MAX_CREDENTIALS_BYTES} bytes in UTF-8`;
const credentials = z
  .string({ error: CREDENTIALS_ERROR })
  .min(1, { error: CREDENTIALS_ERROR })
  .max(MAX_CREDENTIALS_BYTES, { error: CREDENTIALS_ERROR })
  .refine((text) => !/\p{Cs}/u.test(text) && Buffer.byteLength(text) <= MAX_CREDENTIALS_BYTES, {
    error: CREDENTIALS_ERROR,
  })
  .openapi({
    writeOnly: true,
    format: 'password',
    description: `Encrypted and kept; no answer ever holds it. At most ${MAX_CREDENTIALS_BYTES} bytes.`,
  });

const readOnly = z
  .never({ error: 'is set by the service and cannot be written' })
  .optional()
  .openapi({ type: 'string', format: 'date-time', readOnly: true });
/** As the client read it, or the change is refused: clients send whole resources back. */
const unchanged = z
  .unknown()
  .optional()
  .openapi({ type: 'string', format: 'date-time', readOnly: true });
const relationships = z
  .never({ error: 'is not supported: users have no relationships' })
  .optional()
  .openapi({ type: 'object', description: 'Not supported: users have no relationships.' });
const type = z.literal('users', { error: 'must be "users"' });
const object = 'must be an object';

export const CreateUser = z
  .object(
    {
      data: z.object(
        {
          type,
          id: z
            .never({ error: 'is made by the service; leave it out' })
            .optional()
            .openapi({ type: 'string', description: 'Not supported: the service makes the id.' }),
          attributes: z.object(
            {
              name,
              email,
              credentials: credentials.optional(),
              createdAt: readOnly,
              updatedAt: readOnly,
            },
            { error: object },
          ),
          relationships,
        },
        { error: object },
      ),
    },
    { error: object },
  )
  .openapi('CreateUser');

export const UpdateUser = z
  .object(
    {
      data: z.object(
        {
          type,
          id: z.string({ error: 'must be the id of the user' }),
          attributes: z
            .object(
              {
                name: name.optional(),
                email: email.optional(),
                credentials: credentials.optional(),
                createdAt: unchanged,
                updatedAt: unchanged,
              },
              { error: object },
            )
            .optional(),
          relationships,
        },
        { error: object },
      ),
    },
    { error: object },
  )
  .openapi('UpdateUser');

export type UserChanges = NonNullable<z.infer<typeof UpdateUser>['data']['attributes']>;
export type NewUser = z.infer<typeof CreateUser>['data']['attributes'];

const fields = z
  .string({ error: 'must be given once' })
  .transform((text, context) => {
    const names = text.split(',').filter((part) => part !== '');
    const unknown = names.filter((part) => !USER_FIELDS.some((field) => field === part));
    if (unknown.length === 0) return names as UserField[];
    context.addIssue({
      code: 'custom',
      message: `must be a comma-separated list of ${USER_FIELDS.join(', ')}`,
    });
    return z.NEVER;
  })
  .optional()
  .openapi({
    type: 'string',
    description: 'Comma-separated attributes to return; empty for none.',
    example: 'name,email',
  });

function wholeNumber(max: number, fallback: number) {
  const error = `must be a whole number from 1 to ${max}`;
  return z
    .string({ error })
    .regex(/^\d{1,6}$/, { error })
    .transform(Number)
    .refine((number) => number >= 1 && number <= max, { error })
    .default(fallback)
    .openapi({ type: 'integer', minimum: 1, maximum: max, default: fallback });
}

export const OneUserQuery = z.strictObject({ 'fields[users]': fields });
export const ListUsersQuery = z
  .strictObject({
    'page[size]': wholeNumber(MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE),
    'page[after]': z
      .string({ error: 'must be given once' })
      .optional()
      .openapi({ description: 'Opaque cursor, as found in links.next.' }),
    'filter[email]': email.optional(),
    'fields[users]': fields,
  })
  .refine((query) => query['page[after]'] === undefined || query['filter[email]'] === undefined, {
    path: ['page[after]'],
    error: 'does not go with filter[email], which finds one user at most',
  });
export const ExportQuery = z.strictObject({
  segments: wholeNumber(MAX_SEGMENTS, DEFAULT_SEGMENTS),
});
export const NoQuery = z.strictObject({});
export const UserId = z.object({
  id: z.string().openapi({ format: 'uuid', description: 'Id of the user.' }),
});

const attributes = z.object({
  name: z.string().optional(),
  email: z.string().optional(),
  createdAt: z.string().optional().openapi({ format: 'date-time' }),
  updatedAt: z.string().optional().openapi({ format: 'date-time' }),
});
export const UserResource = z
  .object({
    type: z.literal('users'),
    id: z.string().openapi({ format: 'uuid' }),
    attributes,
    links: z.object({ self: z.string() }),
    meta: z.object({ version: z.number().int() }),
  })
  .openapi('User');
const jsonapi = z.object({ version: z.literal('1.1') });
export const UserDocument = z
  .object({ jsonapi, data: UserResource, links: z.object({ self: z.string() }) })
  .openapi('UserDocument');
export const UsersDocument = z
  .object({
    jsonapi,
    data: z.array(UserResource),
    links: z.object({ self: z.string(), first: z.string(), next: z.string().nullable() }),
  })
  .openapi('UsersDocument');
