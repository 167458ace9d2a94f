// The part of Markdown that dashboard texts use: headings, paragraphs, links, code and emphasis; as elements, never as markup.
import type { ComponentChildren } from 'preact';

const INLINE = /\[([^\]]+)\]\(([^)\s]+)\)|`([^`]+)`|\*\*([^*]+)\*\*/g;

export function Markdown({ text }: { text: string }) {
  return (
    <div class="markdown">
      {text.split('\n').map((line, index) => {
        const heading = /^(#{1,3})\s+(.*)$/.exec(line);
        if (heading !== null) {
          const Heading = heading[1] === '#' ? 'h2' : 'h3';
          return <Heading key={index}>{inline(heading[2] ?? '')}</Heading>;
        }
        return line.trim() === '' ? null : <p key={index}>{inline(line)}</p>;
      })}
    </div>
  );
}

function inline(text: string): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, label, address, code, strong] = match;
    parts.push(text.slice(end, match.index));
    end = match.index + whole.length;
    if (label !== undefined) parts.push(link(label, address ?? ''));
    else if (code !== undefined) parts.push(<code>{code}</code>);
    else parts.push(<strong>{strong}</strong>);
  }
  return [...parts, text.slice(end)];
}

/** Links to other dashboards stay here; any other address is shown, and leads to AWS. */
function link(label: string, address: string) {
  const dashboard = /dashboards[/:]\w*=?([\w-]+)$/.exec(address)?.[1];
  const name = dashboard?.split('-').find((part) => /^(overview|service|edge|scaling)$/.test(part));
  if (name !== undefined) return <a href={`#/dashboards/${name}`}>{label}</a>;
  return /^https:\/\//.test(address) ? (
    <a href={address} rel="noreferrer" target="_blank">
      {label}
    </a>
  ) : (
    label
  );
}
