// A user as JSON:API resource object: named members only, so nothing else can get out.
import type { User } from './items';
import type { UserField } from './schema';

/** The resource object, with all attributes or only those asked for. */
export function resource(user: User, fields?: readonly UserField[]) {
  const { id, name, email, createdAt, updatedAt, version } = user;
  const all: Record<UserField, string> = { name, email, createdAt, updatedAt };
  const attributes =
    fields === undefined ? all : Object.fromEntries(fields.map((field) => [field, all[field]]));
  return {
    type: 'users' as const,
    id,
    attributes,
    links: { self: selfLink(id) },
    meta: { version },
  };
}

export function selfLink(id: string): string {
  return `/users/${id}`;
}

/** Strong entity tag of a user's version. */
export function entityTag(version: number): string {
  return `"${version}"`;
}

/** A test for versions by an `If-Match` header; weak tags never match (RFC 9110, 13.1.1). */
export function matcher(ifMatch: string | undefined): ((version: number) => boolean) | undefined {
  if (ifMatch === undefined) return undefined;
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  return (version) => tags.includes('*') || tags.includes(entityTag(version));
}
