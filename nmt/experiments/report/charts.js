// Charts by Chart.js, each with its numbers as a table: what all figures of the page share.
'use strict';

const report = JSON.parse(document.getElementById('document').textContent);

// Colours that colour-blind readers can tell apart (after Okabe and Ito, 2008), for light and dark; symbols differ, too.
const palettes = {
  light: ['#0072b2', '#d55e00', '#00795a', '#a8458a', '#b57900', '#3a8fc4', '#4d4d4d', '#6b5b00', '#b3123a', '#5b4fb5', '#00868b', '#5f8a1c'],
  dark: ['#58aeea', '#ff8d52', '#2fcfa0', '#ec9fd0', '#f5c04a', '#9bd8f7', '#cccccc', '#dcc960', '#ff8aa0', '#b9aeff', '#55dde0', '#a9d65c'],
};
const symbols = ['circle', 'triangle', 'rect', 'rectRot', 'star', 'crossRot', 'cross', 'rectRounded'];
const darkMode = window.matchMedia('(prefers-color-scheme: dark)');
let printing = false;
const paper = {
  wide: 700,
  narrow: 340,
  high: 260
};  // pixels of a chart in print

const isDark = () => darkMode.matches && !printing;
const colourOf = model => palettes[isDark() ? 'dark' : 'light'][model % palettes.light.length];
const symbolOf = model => symbols[(model + Math.floor(model / 8)) % symbols.length];
const faded = (colour, alpha) => colour + Math.round(alpha * 255).toString(16).padStart(2, '0');
const modelName = model => report.models[model].name;
// The first symbols that are only strokes need no filling, and are drawn larger.
const isStroke = model => ['star', 'crossRot', 'cross'].includes(symbolOf(model));

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

// 0.00012345 -> "1.23e-4", 1234.5 -> "1235", 3.14159 -> "3.14"; null -> "–".
function figureText(value) {
  if (value === null || value === undefined || typeof value === 'string') return value ?? '–';
  const size = Math.abs(value);
  if (Number.isInteger(value)) return value.toLocaleString('en');
  if (size < 0.001) return value.toExponential(2);
  return size >= 1000 ? Math.round(value).toLocaleString('en') : value.toFixed(size >= 10 ? 1 : size >= 0.1 ? 2 : 4);
}

function tableOf({caption, heads, rows}) {
  const table = element('table', {className: 'figures'});
  table.append(element('caption', {}, caption));
  table.append(element('thead', {}, element('tr', {}, ...heads.map(head => element('th', {scope: 'col'}, head)))));
  table.append(element(
    'tbody', {},
    ...rows.map(
      row => element(
        'tr', {},
        ...row.map((cell, i) => i === 0 ? element('th', {scope: 'row'}, figureText(cell)) : element('td', {}, figureText(cell)))))));
  return element('div', {className: 'scroll', tabIndex: 0}, table);
}

// A dataset of a model with its colour, symbol and dash.
function series(model, options) {
  const colour = colourOf(model);
  return {
    label: modelName(model),
    model,
    borderColor: colour,
    backgroundColor: faded(colour, 0.75),
    pointStyle: symbolOf(model),
    pointRadius: isStroke(model) ? 6 : 5,
    pointHoverRadius: 7,
    pointBorderColor: colour,
    pointBackgroundColor: faded(colour, 0.75),
    pointBorderWidth: isStroke(model) ? 2 : 1,
    borderWidth: 2,
    clip: 10,  // a point on the edge is whole
    ...options,
  };
}

function scale(title, options = {}) {
  const style = getComputedStyle(document.documentElement);
  const text = printing ? '#333' : style.getPropertyValue('--quiet').trim(),
        line = printing ? '#ddd' : style.getPropertyValue('--line').trim();
  const {ticks, ...others} = options;
  return {
    title: {display: title !== '', text: title, color: text},
    ticks: {color: text, maxRotation: 40, ...ticks},
    grid: {color: context => (context.tick && context.tick.label === '' ? 'transparent' : line), borderColor: line},
    ...others,
  };
}

// Of scores that begin at 0 and cannot be more than 100.
function scoreScale(title, values, options = {}) {
  const room = 1.08;  // between the highest value and the end
  const highest = Math.max(0, ...values) * room;
  return scale(title, {beginAtZero: true, ...options, ...(highest > 90 ? {max: 100} : {suggestedMax: Math.max(highest, options.suggestedMax ?? 0)})});
}

// All labels of rows, the longest cut where the chart is too narrow for them.
const rowLabels = {
  autoSkip: false,
  callback(value) {
    const label = this.getLabelForValue(value), room = Math.floor(this.chart.width / 16);
    return label.length > room ? `${label.slice(0, room - 1)}…` : label;
  },
};

// A logarithmic scale is labelled at 1, 2 and 5 of a power of ten, or at the powers alone where there are many.
function logScale(title, options = {}) {
  return scale(title, {
    type: 'logarithmic',
    ...options,
    ticks: {
      autoSkip: false,
      maxRotation: 0,
      callback(value) {
        const power = Math.floor(Math.log10(value) + 1e-9), digit = value / 10 ** power;
        const labelled = Math.log10(this.max / this.min) > (this.isHorizontal() ? 1.9 : 2.4) ? [1] : [1, 2, 5];
        if (!labelled.some(wanted => Math.abs(digit - wanted) < 1e-6)) return '';
        if (value >= 1e6) return `${value / 1e6} M`;
        if (value >= 1e4) return `${value / 1e3} k`;
        return value < 0.0009 ? value.toExponential(0).replace('-', '−') : String(Number(value.toPrecision(1)));
      },
    },
  });
}

const figures = [];
let opening = true;  // the page is there before its charts

// A chart with a heading, a sentence that says what it shows, and its numbers. `config` and `table` are functions that are called when
// the figure is drawn, or its table opened.
function addFigure(parent, {id, title, caption, config, table, height}) {
  const canvas = element('canvas', {role: 'img', 'aria-label': `${title}. ${caption}`});
  const box = element('div', {className: 'canvas'}, canvas);
  const legend = element('ul', {className: 'legend'});
  if (height) box.style.height = `${height}px`;
  const details = element('details', {}, element('summary', {}, 'Numbers'));
  const figure = element('figure', {id}, element('h3', {}, title), element('figcaption', {}, caption), box, legend, details);
  details.addEventListener('toggle', () => {
    details.querySelector('.scroll')?.remove();
    if (details.open) details.append(tableOf({caption: title, ...table()}));
  });
  parent.append(figure);
  const entry = {id, canvas, legend, config, details, height, chart: null};
  figures.push(entry);
  if (!opening) draw(entry);
}

// The charts that are still missing, one after another from the top, between which the page can be read and scrolled.
function drawMissing() {
  const entry = figures.find(figure => figure.chart === null);
  if (!entry) return;
  draw(entry);
  setTimeout(drawMissing);
}

// The names of the datasets with their symbols, below the chart: inside it many names would leave no room for what they name.
function fillLegend(legend, datasets) {
  const size = 16;
  legend.replaceChildren(...datasets.filter(({unlisted}) => !unlisted).map(dataset => {
    const first = value => (Array.isArray(value) ? value[0] : value);
    const canvas = element('canvas', {width: 2 * size, height: 2 * size, 'aria-hidden': 'true'});
    const context = canvas.getContext('2d');
    context.scale(2, 2);
    context.strokeStyle = first(dataset.pointBorderColor ?? dataset.borderColor);
    context.fillStyle = first(dataset.pointBackgroundColor ?? dataset.backgroundColor);
    Chart.helpers.drawPoint(
      context, {pointStyle: dataset.pointStyle, radius: 5, borderWidth: dataset.pointBorderWidth ?? 1, rotation: 0}, size / 2, size / 2);
    return element('li', {}, canvas, dataset.label);
  }));
}

function draw(entry) {
  entry.chart?.destroy();
  if (printing) {
    const alone = entry.canvas.closest('figure').matches(':only-child');
    [entry.canvas.style.width, entry.canvas.style.height] = ['', ''];
    [entry.canvas.width, entry.canvas.height] = [alone ? paper.wide : paper.narrow, Math.max(paper.high, 0.8 * (entry.height ?? 0))];
  }
  const {type, datasets, labels, scales, options = {}} = entry.config();
  fillLegend(entry.legend, datasets);
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  entry.chart = new Chart(entry.canvas, {
    type,
    data: {labels, datasets},
    options: {
      animation: false,
      layout: {padding: {top: 8, right: 8}},
      responsive: !printing,
      maintainAspectRatio: false,
      normalized: true,
      scales,
      devicePixelRatio: printing ? 2 : undefined,
      interaction: {mode: 'nearest', intersect: false, axis: 'xy'},
      ...options,
      plugins: {
        legend: {display: false},
        tooltip: {usePointStyle: true},
        ...options.plugins,
      },
    },
  });
}

// The figures of a place in the page are made anew.
function clearFigures(parent) {
  for (let i = figures.length - 1; i >= 0; --i) {
    if (!parent.contains(figures[i].canvas)) continue;
    figures[i].chart?.destroy();
    figures.splice(i, 1);
  }
  parent.replaceChildren();
}

function redrawFigures() {
  for (const entry of figures) {
    draw(entry);
    if (entry.details.open) entry.details.dispatchEvent(new Event('toggle'));
  }
}

// A section that has nothing to show goes, and its link with it.
function hideSection(id, hidden) {
  document.getElementById(id).hidden = hidden;
  document.querySelector(`nav a[href="#${id}"]`).parentElement.hidden = hidden;
}
