// Before the first paint, so that a chosen theme does not flash. A module would come too late.
const theme = localStorage.getItem('hawser-theme')
if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
