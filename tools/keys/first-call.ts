// What the owner of a new key needs besides the key: where the API is, and a call to try.
import { API_KEY_HEADER } from '../../contracts/headers';
import { samplePath } from '../local/sample-path';
import type { Api } from './target';

/**
 * A command line that calls the API with a key, by a rule that lets the key read if there is one, else
 * by any that lets it do something; undefined when none does.
 * @param shell The key as a shell's double quotes take it: itself, or what prints it.
 */
export function firstCall(
  { url, rules }: Api,
  scopes: readonly string[],
  shell: string,
): string | undefined {
  const allowed = rules.filter(({ access, scope }) =>
    scope === undefined ? access === 'any-key' : scopes.includes(scope),
  );
  const rule =
    allowed.find(({ methods, scope }) => methods.includes('GET') && scope !== undefined) ??
    allowed.find(({ methods }) => methods.includes('GET')) ??
    allowed[0];
  if (rule === undefined) {
    return undefined;
  }
  const method = rule.methods.includes('GET') ? '' : ` -X ${rule.methods[0]}`;
  return `curl -i${method} ${quoted(url + samplePath(rule))} -H "${API_KEY_HEADER}: ${shell}"`;
}

/** A word of a shell's command line, quoted when it must be. */
export function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
