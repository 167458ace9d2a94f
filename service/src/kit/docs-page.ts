// The reading page of the API: one HTML document that renders /openapi.json, with nothing from elsewhere.
import { createHash } from 'node:crypto';
import type { Context } from 'hono';

const STYLE = `
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:2rem auto;padding:0 1rem}
section{border:1px solid #8886;border-radius:.5rem;padding:.5rem 1rem;margin:1rem 0}
code,pre{font-family:ui-monospace,monospace;font-size:.875rem}
pre{overflow:auto;background:#8882;padding:.75rem;border-radius:.5rem}
.method{margin-right:.75rem}
h2 code{font-size:1.1rem}
summary{cursor:pointer}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;vertical-align:top;padding:.25rem .5rem;border-top:1px solid #8884}
`;

const SCRIPT = `
const main=document.querySelector('main');
const make=(tag,text,parent,name)=>{const node=document.createElement(tag);
  if(text!==undefined)node.textContent=text;if(name)node.className=name;parent.append(node);return node};
const table=(parent,heads,rows)=>{const t=make('table',undefined,parent);const h=make('tr',undefined,t);
  heads.forEach(x=>make('th',x,h));rows.forEach(r=>{const tr=make('tr',undefined,t);r.forEach(x=>make('td',x,tr))})};
const schemas={};
const seen=schema=>schema?.$ref?schemas[schema.$ref.split('/').pop()]:schema??{};
const sample=given=>{const schema=seen(given);
  if(schema.example!==undefined)return schema.example;
  if(schema.const!==undefined)return schema.const;
  if(schema.enum)return schema.enum[0];
  if(schema.anyOf||schema.oneOf)return sample((schema.anyOf??schema.oneOf)[0]);
  const type=[schema.type].flat()[0];
  if(type==='array')return[sample(schema.items)];
  if(type==='object'||schema.properties)return Object.fromEntries(Object.entries(schema.properties??{})
    .filter(([name])=>schema.required?.includes(name)).map(([name,inner])=>[name,sample(inner)]));
  return{string:'text',number:0,integer:0,boolean:true}[type]??null};
const rules=given=>{const{type,format,minLength,maxLength,minimum,maximum,pattern}=seen(given);
  return[[type].flat().join(' or '),format,minLength!==undefined||maxLength!==undefined?
    (minLength??0)+' to '+(maxLength??'any number of')+' characters':'',
    minimum!==undefined||maximum!==undefined?(minimum??'')+' to '+(maximum??''):'',pattern].filter(Boolean).join(', ')};
const fields=(given,path='')=>{const schema=seen(given);return Object.entries(schema.properties??{}).flatMap(([name,inner])=>
  [[path+name+(schema.required?.includes(name)?' *':''),rules(inner),seen(inner).description??''],...fields(inner,path+name+'.')])};
const fail=text=>{main.textContent='The description could not be loaded: '+text};
fetch('openapi.json').then(async answer=>{
  if(!answer.ok)return fail('HTTP '+answer.status);
  const doc=await answer.json();
  main.textContent='';Object.assign(schemas,doc.components?.schemas);
  make('h1',doc.info.title+' '+doc.info.version,main);make('p',doc.info.description,main);
  for(const [path,item] of Object.entries(doc.paths))for(const [method,operation] of Object.entries(item)){
    const section=make('section',undefined,main);const head=make('h2',undefined,section);
    make('span',method.toUpperCase(),head,'method');make('code',path,head);make('p',operation.summary,section);
    if(operation.parameters?.length)table(section,['Parameter','In','What it is'],operation.parameters.map(p=>
      [p.name,p.in,p.schema?.description??JSON.stringify(p.schema??{})]));
    const body=operation.requestBody?.content;
    if(body)for(const [type,content] of Object.entries(body)){make('h3','Body: '+type,section);
      make('pre',JSON.stringify(sample(content.schema),null,2),section);
      table(section,['Member (* must be there)','What is legal','What it is'],fields(content.schema));
      const more=make('details',undefined,section);make('summary','JSON Schema',more);
      make('pre',JSON.stringify(seen(content.schema),null,2),more)}
    make('h3','Answers',section);
    table(section,['Status','What it means'],Object.entries(operation.responses).map(([s,r])=>[s,r.description]));
  }
}).catch(error=>fail(error.message));
`;

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Users API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${STYLE}</style></head>
<body><main>Loading&hellip;</main><script>${SCRIPT}</script></body></html>
`;

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Nothing but this very style and script, and calls to the own origin, may run in the page. */
const POLICY = `default-src 'none'; style-src ${hash(STYLE)}; script-src ${hash(SCRIPT)}; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'`;

/** `GET /docs`. */
export function docsPage(c: Context): Response | Promise<Response> {
  return c.html(PAGE, 200, { 'Content-Security-Policy': POLICY });
}
