// Refuses paths that edge and origin could read differently, before any rule looks at them.

/** Printable ASCII without backslash: RFC 3986 has nothing else in a path. */
const PLAIN_PATH = /^\/[!-[\]-~]*$/;
const MAX_PATH_LENGTH = 2048;

/**
 * Whether a path means the same to everyone. Refused: dot segments, empty segments, backslashes, an
 * encoded slash, backslash, dot or percent sign, control characters, bytes that are no UTF-8, and
 * Unicode characters that a lenient origin folds into any of these (`%EF%BC%8F` is a wide slash).
 * Refusing beats normalising: the origin sees exactly what was decided about.
 * @param path as sent, without the query.
 */
export function isPlainPath(path: string): boolean {
  if (path.length > MAX_PATH_LENGTH || !PLAIN_PATH.test(path)) {
    return false;
  }
  const segments = path.slice(1).split('/');
  // Only the last segment may be empty: `/` and `/orders/`.
  return segments.every((segment, i) => isPlainSegment(segment, i === segments.length - 1));
}

function isPlainSegment(segment: string, isLast: boolean): boolean {
  if (segment === '') {
    return isLast;
  }
  // `..;x` is `..` to servers that know path parameters.
  if (/^\.{1,2}(;|$)/.test(segment)) {
    return false;
  }
  return segment.match(/(?:%[0-9A-Fa-f]{2})+|%/g)?.every(isPlainEscape) ?? true;
}

/** @param escapes a run of percent escapes, so that characters of several bytes stay whole. */
function isPlainEscape(escapes: string): boolean {
  let text: string;
  try {
    text = decodeURIComponent(escapes);
  } catch {
    return false;
  }
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return !/[\u0000-\u001f\u007f-\u009f./\\%]/.test(text.normalize('NFKC'));
}
