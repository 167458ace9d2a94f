// The dashboards of a plan, drawn as the console draws them, from the example data in the page.
import { render } from 'preact';
import type { DrawnDashboard } from '../view';
import { restoreTheme } from './theme';
import { Grid } from './views/dashboards';

const data = document.getElementById('dashboards-data')?.textContent ?? '[]';
restoreTheme();
for (const dashboard of JSON.parse(data) as DrawnDashboard[]) {
  const place = document.getElementById(`dashboard-${dashboard.name}`);
  if (place === null) continue;
  const draw = () => render(<Grid dashboard={dashboard} />, place);
  const folded = place.closest('details');
  // What is folded has no width to draw in.
  if (folded === null || folded.open) draw();
  else folded.addEventListener('toggle', draw, { once: true });
}
