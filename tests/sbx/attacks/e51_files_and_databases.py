# Temporary files, locks, sqlite3, shelve, zip archives, csv.
import csv, os, shelve, shutil, sqlite3, tempfile, zipfile
with tempfile.TemporaryDirectory() as d:
    with sqlite3.connect(d + '/a.db') as db:
        db.execute('create table t (x)')
        db.executemany('insert into t values (?)', [(1,), (2,)])
        print(db.execute('select sum(x) from t').fetchone())
    with shelve.open(d + '/s') as s: s['k'] = [1, 2]
    with shelve.open(d + '/s') as s: print(s['k'])
    with open(d + '/c.csv', 'w', newline='') as f: csv.writer(f).writerow([1, 'a,b'])
    with zipfile.ZipFile(d + '/z.zip', 'w') as z: z.write(d + '/c.csv', 'c.csv')
    shutil.copy(d + '/z.zip', d + '/y.zip')
    print(sorted(os.listdir(d))[0])
print('OK')
