// What ties the page together: the key of models, the choice of test set, dark and light, print.
// What changes when models are switched off and on; what is open stays open.
function showModels() {
  redrawFigures();
  showFaults();
  showAttention();
  showSentences();
}

function setUpKey() {
  const bar = element('div');
  report.models.forEach((model, m) => {
    const box = element('input', {type: 'checkbox', checked: true, value: String(m)});
    box.addEventListener('change', () => {
      if (box.checked) state.hidden.delete(m);
      else state.hidden.add(m);
      showModels();
    });
    const swatch = element('span', {className: 'swatch'});
    bar.append(element('label', {}, box, swatch, model.name));
  });
  if (report.tests.length > 1) {
    const select = element('select', {id: 'test'}, ...report.tests.map((test, t) => element('option', {value: String(t)}, test.name)));
    select.addEventListener('change', () => {
      state.test = Number(select.value);
      fillPhenomena();
      buildFigures();
      showFaults();
      showSentences();
    });
    bar.append(element('label', {}, 'Test set ', select));
  }
  document.getElementById('key').append(bar);
}

function colourKey() {
  document.querySelectorAll('#key .swatch').forEach((swatch, m) => {
    swatch.style.background = colourOf(m);
  });
}

function onTheme() {
  colourKey();
  redrawFigures();
  showSentences();
}

// On paper charts are light, and the set-up is complete.
function onPrint(begins) {
  printing = begins;
  onTheme();
  for (const details of document.querySelectorAll('#setup details, #results details')) {
    if (begins) {
      details.dataset.wasOpen = details.open;
      details.open = true;
    } else details.open = details.dataset.wasOpen === 'true';
  }
}

document.documentElement.classList.add('script');
setUpKey();
colourKey();
buildFigures();
showFaults();
setUpAttention();
setUpSentences();
document.getElementById('axis').addEventListener('change', event => {
  state.axis = event.target.value;
  redrawFigures();
});
setUpAddress();
opening = false;
setTimeout(drawMissing);
darkMode.addEventListener('change', onTheme);
window.addEventListener('beforeprint', () => onPrint(true));
window.addEventListener('afterprint', () => onPrint(false));
