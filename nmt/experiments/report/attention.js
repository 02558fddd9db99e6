// Attention as tables of shaded cells, one a model that has attention.
const wordMark = '\u2581';  // SentencePiece writes it where a word begins

function attentionMap(model, map) {
  const name = piece => piece.replaceAll(wordMark, '') || '␣';
  const table = element('table', {});
  table.append(element('caption', {}, modelName(model)));
  table.append(element(
    'thead', {},
    element('tr', {}, element('td', {className: 'corner'}), ...map.source.map(piece => element('th', {scope: 'col'}, name(piece))))));
  const body = element('tbody', {});
  map.weights.forEach((row, t) => {
    const line = element('tr', {}, element('th', {scope: 'row'}, name(map.target[t])));
    row.forEach((percent, s) => {
      const cell = element(
        'td', {title: `${name(map.target[t])} ← ${name(map.source[s])}: ${percent} %`, className: percent > 55 ? 'strong' : ''},
        percent >= 10 ? String(percent) : '');
      cell.style.setProperty('--weight', percent / 100);
      line.append(cell);
    });
    body.append(line);
  });
  table.append(body);
  return element('div', {className: 'map'}, element('div', {className: 'scroll', tabIndex: 0}, table));
}

function showAttention() {
  const {models} = report.attention;
  const maps = document.getElementById('attention-maps');
  maps.replaceChildren();
  for (const {model, sentences} of models) {
    if (state.hidden.has(model)) continue;
    const map = sentences[state.sentence];
    maps.append(map ? attentionMap(model, map) : element('p', {}, `${modelName(model)}: too long to show.`));
  }
}

function setUpAttention() {
  const {models, sentences} = report.attention;
  const nothing = models.length === 0 || sentences.length === 0;
  hideSection('attention', nothing);
  if (nothing) return;
  const select = document.getElementById('attention-sentence');
  select.append(...sentences.map((sentence, i) => element('option', {value: String(i)}, sentence)));
  select.addEventListener('change', () => {
    state.sentence = Number(select.value);
    showAttention();
  });
  showAttention();
}
