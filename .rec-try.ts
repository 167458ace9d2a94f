import { record } from './infra/recorder';
void (async () => {
  const t = Date.now();
  const r = await record(process.argv[2] ?? 'dev');
  console.log(Date.now() - t, 'ms', r.outputs);
  for (const x of r.resources) console.log(x.urn, x.options.protect, x.outputs.id, x.options.provider);
  const t2 = Date.now();
  const r2 = await record(process.argv[2] ?? 'dev', {config:{protect:true}});
  console.log(Date.now() - t2, 'ms', r2.resources.length, r2.resources.map(x=>x.options.protect).join());
})().catch((e) => { console.error('FAILED', e); process.exit(1); });
